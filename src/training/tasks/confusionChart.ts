import { escapeHtml } from '../../report/html.js';
import { percent } from '../../report/numbers.js';

/** The most classes whose cells show their numbers. */
export const MOST_NUMBERED = 30;
/** Side of such a cell in pixels; with more classes, cells are smaller. */
const CELL = 34;
/** Pixels for the cells of many classes, and the smallest that a cell and its class's name can be. */
const [SIDE, SMALLEST] = [900, 9];
/** Characters of a name, in each of which are about this many pixels for one of the font's size. */
const [LONGEST, CHARACTER] = [24, 0.62];
const [WHITE, BLUE] = [
  [255, 255, 255],
  [8, 81, 156],
];
const LEGEND = { width: 14, height: 100, steps: 20, gap: 24 };

const colourOf = (share: number) =>
  `rgb(${WHITE.map((from, index) => Math.round(from + share * (BLUE[index] - from))).join(',')})`;

interface Look {
  size?: number;
  anchor?: 'start' | 'middle' | 'end';
  fill?: string;
  turn?: number;
  tip?: string;
}

function label(
  x: number,
  y: number,
  text: string,
  { size = 11, anchor = 'start', fill = '#222', turn, tip }: Look = {},
) {
  const turned = turn === undefined ? '' : ` transform="rotate(${turn} ${x} ${y})"`;
  const title = tip === undefined ? '' : `<title>${escapeHtml(tip)}</title>`;
  return `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor}" fill="${fill}"${turned}>${escapeHtml(text)}${title}</text>`;
}

/** The first characters of a name that is long; whole ones, not halves of them. */
function cut(name: string): string {
  const characters = Array.from(name);
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join('')}…` : name;
}

/** Shares of a class's cases, from none to all, as colours. */
function legend(x: number, y: number): string {
  const { width, height, steps } = LEGEND;
  const step = height / steps;
  return [
    label(x, y, 'share of class'),
    ...Array.from({ length: steps }, (_, index) => {
      const fill = colourOf(1 - index / (steps - 1));
      return `<rect x="${x}" y="${y + 8 + index * step}" width="${width}" height="${step}" fill="${fill}"/>`;
    }),
    ...[1, 0.5, 0].map((share) => label(x + width + 6, y + 12 + (1 - share) * height, percent(share))),
  ].join('');
}

/**
 * How often each class was taken for each, as a heat map in SVG: a row for each right class, shares of its cases as colour.
 *
 * @param confusion [classes][classes], see confusionMatrix
 * @param classNames in order; long ones are cut, and whole as tips
 */
export function confusionChart(confusion: readonly number[][], classNames: readonly string[]): string {
  const classes = classNames.length;
  const isNumbered = classes <= MOST_NUMBERED;
  const cell = isNumbered ? CELL : Math.max(SMALLEST, Math.floor(SIDE / classes));
  const size = Math.min(11, cell - 1);
  const shown = classNames.map(cut);
  const longest = Math.max(...shown.map((name) => Array.from(name).length)) * size * CHARACTER;
  const [left, top, side] = [Math.ceil(longest) + 34, Math.ceil(longest) + 34, cell * classes];
  const [width, height] = [left + side + LEGEND.gap + 90, Math.max(top + side, top + LEGEND.height + 20) + 8];
  const cells = confusion.flatMap((row, right) => {
    const total = row.reduce((a, b) => a + b, 0);
    return row.flatMap((cases, given) => {
      if (cases === 0) return [];
      const [x, y, share] = [left + given * cell, top + right * cell, cases / total];
      const tip = `${classNames[right]} taken for ${classNames[given]}: ${cases} of ${total}`;
      const middle = { anchor: 'middle', fill: share > 0.5 ? 'white' : '#222' } as const;
      return [
        `<rect x="${x}" y="${y}" width="${cell}" height="${cell}" fill="${colourOf(share)}"><title>${escapeHtml(tip)}</title></rect>`,
        ...(isNumbered ? [label(x + cell / 2, y + cell / 2 + 4, `${cases}`, middle)] : []),
      ];
    });
  });
  const lines = Array.from({ length: classes + 1 }, (_, index) => index * cell);
  const grid = lines.map((at) => `M${left} ${top + at}h${side}M${left + at} ${top}v${side}`).join('');
  const middle = { anchor: 'middle', size: 12 } as const;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="Helvetica, Arial, sans-serif">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    ...[label(left + side / 2, 14, 'predicted class', middle)],
    ...[label(14, top + side / 2, 'right class', { ...middle, turn: -90 })],
    ...cells,
    `<path d="${grid}" stroke="#e6e6e6" fill="none"/>`,
    ...shown.map((name, index) => {
      const [at, tip] = [index * cell + cell / 2 + size / 3, classNames[index]];
      const row = label(left - 6, top + at, name, { size, anchor: 'end', tip });
      return row + label(left + at, top - 6, name, { size, turn: -90, tip });
    }),
    legend(left + side + LEGEND.gap, top + 4),
    '</svg>',
  ].join('');
}
