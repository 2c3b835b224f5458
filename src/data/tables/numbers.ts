import { quoted } from '../../checks/quoted.js';

const exponent = '(e[+-]?\\d+)?$';
const withPoint = new RegExp(`^[+-]?(\\d+\\.?\\d*|\\.\\d+)${exponent}`, 'i');
const withComma = new RegExp(`^[+-]?(\\d+,\\d*|,\\d+)${exponent}`, 'i');

/** Whether a text is a number, with a point or a comma before its decimals. */
export const isNumber = (text: string) => withPoint.test(text) || withComma.test(text);

/** Whether a number has a comma before its decimals. */
export const hasComma = (text: string) => withComma.test(text);

/** Whether a comma may stand before three decimals as well as after thousands. */
export const mayBeThousands = (text: string) => /^[+-]?\d{1,3},\d{3}$/.test(text);

/** Numbers in groups, such as 1,234.5 or 1 234,5 or 1'234. */
const grouped = /^[+-]?\d{1,3}([,.' \u00a0\u202f]\d{3})+([.,]\d+)?$/;

/** What cells of values hold. */
export interface NumberForm {
  decimal: 'point' | 'comma';
  /** What stands for a missing value besides `?`; in lower case, '' for an empty cell. */
  missing: ReadonlySet<string>;
}

/** @param missing see ReadOptions */
export function numberForm(decimal: NumberForm['decimal'] = 'point', missing: readonly string[] = []): NumberForm {
  return { decimal, missing: new Set(missing.map((text) => (text === 'empty' ? '' : text.toLowerCase()))) };
}

/** What the reader of an error may have meant, where the cell shows it. */
function hintFor(text: string, { decimal }: NumberForm): string {
  if (text === '' || /^([+-]?(nan|na|n\/a|null|none|nil|-|--)|#[a-z/0]+[!?]?)$/i.test(text)) {
    return `; --missing ${text === '' ? 'empty' : text} reads it as missing`;
  }
  if (decimal === 'point' && hasComma(text)) return '; --decimal comma reads a comma before decimals';
  if (decimal === 'comma' && withPoint.test(text)) return '; other cells have a comma before decimals';
  if (/^[\u2212\u2013\u2014]/.test(text)) return '; a minus is written -';
  if (/^[+-]?[\d.,]+ ?[%\u2030]$|^\p{Sc}|\p{Sc}$/u.test(text)) return '; a number is written without its unit';
  return grouped.test(text) ? '; thousands are not separated' : '';
}

/**
 * @param text a cell without blanks around it
 * @param form see NumberForm
 * @param place what the cell is called, for errors
 * @returns its number, finite as a float32; NaN if it is missing
 * @throws Error if it is none
 */
export function parseNumber(text: string, form: NumberForm, place: () => string): number {
  if (text === '?' || form.missing.has(text.toLowerCase())) return NaN;
  const isPlain = form.decimal === 'point' || /^[+-]?\d+(e[+-]?\d+)?$/i.test(text);
  const isOne = isPlain ? withPoint.test(text) : withComma.test(text);
  const value = isOne ? Number(text.replace(',', '.')) : NaN;
  if (isOne && Number.isFinite(Math.fround(value))) return value;
  const found = text === '' ? 'empty' : quoted(text);
  const must = isOne ? 'a number that float32 holds, up to 3.4e38' : 'a number';
  throw new Error(`${place()} was ${found}; it must be ${must}, or ? if missing${isOne ? '' : hintFor(text, form)}`);
}
