import type { PageModel, PagePrediction } from './server.js';

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

const shown = (value: number) => `${Number(value.toPrecision(6))}`;

/** What the table shows of a prediction behind the case's number, and the headings of that. */
const tasks: Record<
  PageModel['task'],
  { headings: string[]; cells: (prediction: PagePrediction, model: PageModel) => HTMLElement[] }
> = {
  classification: {
    headings: ['prediction', 'probabilities'],
    cells: ({ label = '', probabilities = [] }, { classNames }) => {
      const last = make('td', '', 'chances-cell');
      last.append(chances(probabilities, classNames));
      return [make('td', label), last];
    },
  },
  regression: {
    headings: ['value'],
    cells: ({ value = NaN }) => [make('td', shown(value))],
  },
  forecasting: {
    headings: ['step', 'forecast, a number for each channel'],
    cells: ({ forecast = [] }) => {
      const list = (text: (step: number[], index: number) => string) => forecast.map(text).join('\n');
      return [
        make(
          'td',
          list((_, index) => `${index + 1}`),
          'lines',
        ),
        make(
          'td',
          list((step) => step.map(shown).join('   ')),
          'lines',
        ),
      ];
    },
  },
};

/**
 * Shows what a model says of cases, in the page's table.
 *
 * @param onChoose hears which case a person wants to see
 */
export function showPredictions(
  table: HTMLTableElement,
  predictions: readonly PagePrediction[],
  model: PageModel,
  onChoose: (index: number) => void,
): void {
  const head = make('tr');
  const { headings, cells } = tasks[model.task];
  head.append(...['case', ...headings].map((text) => make('th', text)));
  table.tHead!.replaceChildren(head);
  const rows = predictions.slice(0, MOST_ROWS).map((prediction, index) => {
    const row = make('tr');
    row.append(make('td', `${index + 1}`, 'number'), ...cells(prediction, model));
    row.addEventListener('click', () => onChoose(index));
    return row;
  });
  table.tBodies[0].replaceChildren(...rows);
  const hidden = predictions.length - rows.length;
  document.getElementById('more')!.textContent = hidden > 0 ? `... and ${hidden} more cases` : '';
}
