// Pieces of a page.

import type { Table } from '../format.js';

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as it may stand in an element or an attribute in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

/** The rows as an HTML table; `mark` gives rows a class. */
export function tableHtml<Row>(
  { columns }: Table<Row>,
  rows: readonly Row[],
  mark: (row: Row) => string = () => '',
): string {
  // A column in which nothing stands says nothing.
  const shown = columns.filter(([, , text]) => rows.some((row) => text(row) !== ''));
  const cell = (tag: string, width: number, text: string) =>
    `<${tag}${width < 0 ? '' : ' class="number"'}>${escapeHtml(text)}</${tag}>`;
  const head = shown.map(([title, width]) => cell('th', width, title)).join('');
  const body = rows.map((row) => {
    const cells = shown.map(([, width, text]) => cell('td', width, text(row))).join('');
    return `<tr class="${escapeHtml(mark(row))}">${cells}</tr>`;
  });
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table></div>`;
}

/** Something that is long, folded away. */
export function folded(summary: string, content: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary>\n${content}\n</details>`;
}

export function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}
