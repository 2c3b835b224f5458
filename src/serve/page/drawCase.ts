// A case as a person sees it: lines, pixels or words.

import type { PageMap } from './server.js';

const SVG = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT, LEFT, BOTTOM] = [900, 240, 60, 26];
/** Colours that people with any eyes tell apart (Okabe and Ito); further channels take them again. */
const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000'];

function element(name: string, attributes: Record<string, string | number>, text = ''): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, `${value}`);
  made.textContent = text;
  return made;
}

const shown = (value: number) => `${Number(value.toPrecision(4))}`;

/** The lowest and the highest of numbers, of which some may be missing. */
function rangeOf(values: readonly (number | null)[]): [number, number] {
  const known = values.filter((value) => value !== null);
  return [known.reduce((a, b) => Math.min(a, b), Infinity), known.reduce((a, b) => Math.max(a, b), -Infinity)];
}

/** The path of a channel, with gaps where values are missing. */
function pathOf(values: readonly (number | null)[], x: (t: number) => number, y: (value: number) => number): string {
  return values
    .map((value, t) => {
      if (value === null) return '';
      const place = `${x(t).toFixed(1)} ${y(value).toFixed(1)}`;
      // A round end shows a value between gaps.
      return (values[t - 1] ?? null) === null ? `M${place}h0` : `L${place}`;
    })
    .join('');
}

/** A line for each channel, dashed where it is a forecast. */
function drawSeries([positions, channels]: number[], values: (number | null)[], forecast: number[][]): Element {
  const [low, high] = rangeOf([...values, ...forecast.flat()]);
  const last = positions + forecast.length - 1;
  const x = (t: number) => LEFT + ((WIDTH - LEFT - 10) * t) / Math.max(1, last);
  const y = (value: number) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - 10) * (value - low)) / (high - low || 1);
  const svg = element('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img' });
  const behind = forecast.length > 0 ? `, and a forecast of ${forecast.length}` : '';
  svg.append(element('title', {}, `${positions} positions of ${channels} channels${behind}`));
  for (const value of low === high ? [low] : [low, high]) {
    svg.append(
      element('line', { x1: LEFT, x2: WIDTH - 10, y1: y(value), y2: y(value), stroke: '#ddd' }),
      element('text', { x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end', 'font-size': 11 }, shown(value)),
    );
  }
  for (const t of new Set([0, positions - 1, last])) {
    svg.append(element('text', { x: x(t), y: HEIGHT - 8, 'text-anchor': 'middle', 'font-size': 11 }, `${t + 1}`));
  }
  for (let c = 0; c < channels; c++) {
    const own = Array.from({ length: positions }, (_, t) => values[t * channels + c]);
    const line = {
      ...{ stroke: COLOURS[c % COLOURS.length], fill: 'none', 'stroke-linecap': 'round' },
      'stroke-width': positions > 1 ? 1.5 : 6,
    };
    svg.append(element('path', { ...line, d: pathOf(own, x, y) }));
    if (forecast.length === 0) continue;
    const next = [own[positions - 1], ...forecast.map((step) => step[c])];
    const d = pathOf(next, (t) => x(positions - 1 + t), y);
    svg.append(element('path', { ...line, d, 'stroke-dasharray': '4 4' }));
  }
  return svg;
}

/** Pixels, grey or coloured, the lowest number black. */
function drawImage([height, width, channels]: number[], values: (number | null)[]): Element {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  const [low, high] = rangeOf(values);
  const range = high - low || 1;
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < 3; c++) {
      const value = values[pixel * channels + (channels >= 3 ? c : 0)];
      image.data[4 * pixel + c] = (255 * ((value ?? low) - low)) / range;
    }
    image.data[4 * pixel + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/**
 * @param forecast what follows on a series: [steps][channels]
 * @returns the case as an element of the page
 */
export function drawCase({ kind, shape, values }: PageMap, forecast: number[][] = []): Element {
  if (kind === 'series') return drawSeries(shape, values as (number | null)[], forecast);
  if (kind === 'images') return drawImage(shape, values as (number | null)[]);
  const code = document.createElement('code');
  code.textContent = values.join(' ');
  return code;
}
