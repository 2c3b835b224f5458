// Pieces of a page that needs nothing else.

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as it may stand in an element or an attribute in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

/** A table's columns: title, width in characters (negative: aligned left), and the text of a row's cell. */
export interface Columns<Row> {
  columns: readonly (readonly [title: string, width: number, text: (row: Row) => string])[];
}

/** The rows as an HTML table; `mark` gives rows a class. */
export function tableHtml<Row>(
  { columns }: Columns<Row>,
  rows: readonly Row[],
  mark: (row: Row) => string = () => '',
): string {
  // A column of empty cells says nothing.
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

/** Charts side by side, or below each other where there is no room. */
export function charts(svgs: readonly string[]): string {
  return `<div class="charts">\n${svgs.join('\n')}\n</div>`;
}

/** A picture that cannot be made smaller without loss: it scrolls where it is wider than the page. */
export function wideChart(svg: string): string {
  return `<div class="wide">${svg}</div>`;
}

/** Something that is long, folded away. */
export function folded(summary: string, content: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary>\n${content}\n</details>`;
}

/** Something that readers should not miss. */
export function warning(text: string): string {
  return `<p class="warning">${escapeHtml(text)}</p>`;
}

/**
 * A part of a page, or why it could not be made: a report tells of hours of work, and must not be what fails.
 *
 * @param what the part, to begin a sentence with: 'The chart of ...'
 * @param make gives its HTML
 */
export async function orWarning(what: string, make: () => string | Promise<string>): Promise<string> {
  try {
    return await make();
  } catch (error) {
    return warning(`${what} could not be made: ${(error as Error).message}`);
  }
}

export function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

// Dark pages turn the charts' lightness around, and their hues back.
const style = `
:root { color-scheme: light dark; --page: white; --text: #222; --faint: #555; --line: #ddd; --code: #f3f4f6; --mark: #fdf1dc; }
body { font: 15px/1.5 Helvetica, Arial, sans-serif; color: var(--text); background: var(--page); max-width: 1120px; margin: 32px auto; padding: 0 24px; overflow-wrap: anywhere; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; } h2 { font-size: 20px; margin: 44px 0 8px; border-bottom: 1px solid var(--line); padding-bottom: 4px; }
code { background: var(--code); padding: 2px 6px; border-radius: 4px; font-size: 13px; }
svg { display: block; max-width: 100%; height: auto; margin: 16px 0; }
.charts { display: flex; flex-wrap: wrap; gap: 0 24px; } .charts svg { flex: none; }
.wide { overflow-x: auto; } .wide svg { max-width: none; } table { border-collapse: collapse; font-size: 13px; margin: 12px 0; width: max-content; }
th, td { padding: 3px 10px; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--line); }
td:not(.number) { white-space: normal; max-width: 28em; overflow-wrap: anywhere; }
th { border-bottom: 2px solid #bbb; } .number { text-align: right; font-variant-numeric: tabular-nums; }
.ours td { font-weight: 600; } .theirs td { background: var(--mark); }
.warning { background: var(--mark); border-left: 4px solid #E69F00; padding: 8px 12px; }
details { margin: 6px 0; } summary { cursor: pointer; } .run { color: var(--faint); font-size: 13px; margin: 4px 0; }
@media (max-width: 600px) { body { margin: 16px auto; padding: 0 12px; } h1 { font-size: 21px; } td:not(.number) { max-width: 16em; } }
@media (prefers-color-scheme: dark) { @media screen {
  :root { --page: #1a1a1a; --text: #dcdfe4; --faint: #a0a6b0; --line: #3a3f47; --code: #262a31; --mark: #40351c; }
  svg { filter: invert(0.9) hue-rotate(180deg); }
} }
@media print { body { max-width: none; margin: 0; padding: 0; } h2 { break-after: avoid; } svg, tr { break-inside: avoid; } .wide { overflow: visible; } .wide svg { max-width: 100%; } }`;

/**
 * A whole page with the reports' common look.
 *
 * @param title plain text: the page's title and its heading
 * @param content HTML below the heading
 */
export function htmlPage(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}
</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${content}
</body>
</html>
`;
}
