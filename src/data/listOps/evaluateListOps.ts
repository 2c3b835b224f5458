import { quoted } from '../../checks/quoted.js';
import { text as textRule } from '../../checks/rules.js';
import { check } from '../../checks/values.js';
import { END, operators } from './vocabulary.js';

interface Open {
  operator: string;
  values: number[];
}

/**
 * The value of a ListOps expression: `[MAX 4 [SM 7 8 ] 2 ]` is 5. Operators are MIN, MAX, MED (the median, truncated to
 * an integer) and SM (the sum modulo 10).
 *
 * @param text one expression, its tokens separated by spaces; parentheses, which Long Range Arena's files contain, are
 *   skipped
 * @returns a digit
 * @throws Error that names the token and its position, from 1, if the text is not one expression
 */
export function evaluateListOps(text: string): number {
  check('evaluateListOps', 'text', text, textRule);
  const fail = (reason: string) => new Error(`evaluateListOps: ${reason}`);
  const stack: Open[] = [];
  let result: number | undefined;
  const tokens = text.trim().split(/\s+/);
  tokens.forEach((token, index) => {
    if (token === '(' || token === ')') return;
    const where = `token ${index + 1} was ${quoted(token)}`;
    if (result !== undefined) throw fail(`${where}; the expression has ended before it`);
    if (Object.hasOwn(operators, token)) {
      stack.push({ operator: token, values: [] });
      return;
    }
    let value: number;
    if (token === END) {
      const open = stack.pop();
      if (!open) throw fail(`${where}; no operator is open`);
      if (open.values.length === 0) throw fail(`${where}; ${open.operator} has no argument`);
      value = operators[open.operator](open.values);
    } else if (/^\d$/.test(token)) {
      value = Number(token);
    } else {
      throw fail(`${where}; it must be a digit, ${Object.keys(operators).join(', ')} or ${END}`);
    }
    const parent = stack.at(-1);
    if (parent) parent.values.push(value);
    else result = value;
  });
  const open = stack.at(-1);
  if (result === undefined)
    throw fail(`the expression ends before ${open ? `${open.operator} is closed` : 'it begins'}`);
  return result;
}
