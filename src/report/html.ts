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

/** Something that is long, folded away. */
export function folded(summary: string, content: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary>\n${content}\n</details>`;
}

export function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

const style = `
body { font: 15px/1.5 Helvetica, Arial, sans-serif; color: #222; background: white; max-width: 1120px; margin: 32px auto; padding: 0 24px; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 20px; margin: 44px 0 8px; border-bottom: 1px solid #ddd; padding-bottom: 4px; }
code { background: #f3f4f6; padding: 2px 6px; border-radius: 4px; font-size: 13px; }
svg { display: block; max-width: 100%; height: auto; margin: 16px 0; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; margin: 12px 0; }
th, td { padding: 3px 10px; text-align: left; white-space: nowrap; border-bottom: 1px solid #eee; }
th { border-bottom: 2px solid #bbb; } .number { text-align: right; font-variant-numeric: tabular-nums; }
.ours td { font-weight: 600; } .theirs td { background: #fdf1dc; }
.warning { background: #fdf1dc; border-left: 4px solid #E69F00; padding: 8px 12px; }
details { margin: 6px 0; } summary { cursor: pointer; } .run { color: #555; font-size: 13px; margin: 4px 0; }`;

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
<meta name="viewport" content="width=device-width">
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
