import type { PagePrediction } from './server.js';

/** Rows of the table, and classes of a row, at most. */
const [MOST_ROWS, MOST_CLASSES] = [100, 5];

function make(name: string, text = '', className = ''): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

/** The most probable classes, each with a bar. */
function chances(probabilities: readonly number[], classNames: readonly string[]): HTMLElement {
  const grid = make('div', '', 'chances');
  const order = probabilities.map((_, index) => index).sort((a, b) => probabilities[b] - probabilities[a]);
  for (const index of order.slice(0, MOST_CLASSES)) {
    const bar = document.createElement('progress');
    bar.value = probabilities[index];
    grid.append(
      make('span', classNames[index] ?? `${index}`),
      bar,
      make('span', `${(100 * probabilities[index]).toFixed(1)} %`),
    );
  }
  return grid;
}

/**
 * Shows what a model says of cases, in the page's table.
 *
 * @param onChoose hears which case a person wants to see
 */
export function showPredictions(
  table: HTMLTableElement,
  predictions: readonly PagePrediction[],
  classNames: readonly string[],
  onChoose: (index: number) => void,
): void {
  const head = make('tr');
  head.append(make('th', 'case'), make('th', 'prediction'), make('th', 'probabilities'));
  table.tHead!.replaceChildren(head);
  const rows = predictions.slice(0, MOST_ROWS).map(({ label, probabilities, ...rest }, index) => {
    const row = make('tr');
    const last = make('td');
    if (probabilities) last.append(chances(probabilities, classNames));
    row.append(make('td', `${index + 1}`, 'number'), make('td', label ?? JSON.stringify(rest)), last);
    row.addEventListener('click', () => onChoose(index));
    return row;
  });
  table.tBodies[0].replaceChildren(...rows);
  const hidden = predictions.length - rows.length;
  document.getElementById('more')!.textContent = hidden > 0 ? `... and ${hidden} more cases` : '';
}
