// From a Vega-Lite specification to SVG, and the look that all charts share.

import type { TopLevelSpec } from 'vega-lite';

/** The palette of M. Okabe and K. Ito, told apart by all kinds of colour vision; black and yellow left out, grey behind. */
export const palette = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#D55E00', '#56B4E9', '#8C8C8C'];

export const look = {
  font: 'Helvetica, Arial, sans-serif',
  background: 'white',
  view: { stroke: null },
  axis: {
    titleFontSize: 12,
    titleFontWeight: 'normal',
    gridColor: '#e6e6e6',
    domainColor: '#444',
    tickColor: '#444',
  },
};

/** Epochs that each have a tick. */
const FEW = 10;

/**
 * The axis of epochs.
 *
 * @param first the first one shown
 * @param last the last one
 */
export function epochAxis(first: number, last: number): object {
  const epochs = Array.from({ length: Math.min(FEW, last - first + 1) }, (_, index) => first + index);
  return {
    field: 'epoch',
    type: 'quantitative',
    // A single epoch is in the middle, or its point would be on the axis.
    scale: { nice: false, domain: first === last ? [first - 1, first + 1] : [first, last] },
    axis: { grid: false, format: 'd', ...(last - first < FEW && { values: epochs }) },
  };
}

/** The scale of shares that need not begin at 0: values that are all the same get room around them, or ticks would repeat. */
export function shareScale(values: readonly number[]): { zero: false; domain?: [number, number] } {
  const [low, high] = values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  if (high - low >= 0.001) return { zero: false };
  return { zero: false, domain: [Math.max(0, low - 0.05), Math.min(1, high + 0.05)] };
}

/** Names that every object has: where a chart's library keeps categories by name in an object, they are found at once. */
const taken = Object.getOwnPropertyNames(Object.prototype);
/** Without width; before a name, it makes it another one. */
const JOINER = '\u2060';

/** The same specification with a joiner before the texts that are such names. */
function withJoiners(value: unknown): unknown {
  if (typeof value === 'string') return taken.includes(value) ? JOINER + value : value;
  if (Array.isArray(value)) return value.map(withJoiners);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withJoiners(inner)]));
}

/**
 * The picture that a Vega-Lite specification describes. The chart library is loaded with the first picture.
 *
 * @param spec the specification; `config: { ...look }` gives it the common look
 * @throws Error if it cannot be drawn
 */
export async function toSvg(spec: object): Promise<string> {
  const [{ Error: errors, logger, parse, View }, { compile }] = await Promise.all([
    import('vega'),
    import('vega-lite'),
  ]);
  const failures: string[] = [];
  // Otherwise the library says them on standard error, and gives a part of the picture.
  const told = logger(errors, undefined, (...[, , reasons]) => void failures.push(reasons.join(' ')));
  const { spec: compiled } = compile(withJoiners(spec) as TopLevelSpec, { logger: told });
  const svg = await new View(parse(compiled), { renderer: 'none', logger: told }).toSVG();
  if (failures.length > 0) throw new Error(`the chart could not be drawn: ${failures[0]}`);
  return taken.reduce((text, name) => text.replaceAll(JOINER + name, name), svg);
}
