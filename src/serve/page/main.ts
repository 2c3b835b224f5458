// The page at `/`: cases in, classes, the case itself and its attention out.

import { drawCase } from './drawCase.js';
import { attention, models, type PagePrediction, predict, setToken, TokenError } from './server.js';
import { showPredictions } from './showPredictions.js';

const find = <Kind extends HTMLElement>(id: string) => document.getElementById(id) as Kind;
const [about, message, results] = [find('about'), find('message'), find('results')];
const [model, text, token] = [
  find<HTMLSelectElement>('model'),
  find<HTMLTextAreaElement>('text'),
  find<HTMLInputElement>('token'),
];
const [file, button] = [find<HTMLInputElement>('file'), find<HTMLButtonElement>('predict')];
const table = find<HTMLTableElement>('predictions');

let known: Awaited<ReturnType<typeof models>> = [];
/** Of the picture that is shown. */
let picture = '';

function say(words: string, isError = false): void {
  message.textContent = words;
  message.className = isError ? 'error' : '';
}

/** Does something that the server may refuse, and says why. */
async function attempt(work: () => Promise<void>): Promise<void> {
  button.disabled = true;
  say('');
  try {
    await work();
  } catch (error) {
    find('token-field').hidden = !(error instanceof TokenError || token.value !== '');
    say((error as Error).message, true);
  } finally {
    button.disabled = false;
  }
}

const chosen = () => known.find(({ name }) => name === model.value)!;

const called = { classification: 'classifier', regression: 'regressor', forecasting: 'forecaster' } as const;

const forms = {
  series: 'CSV (case,channel,... or label,v,v,...), .ts or JSON: [[[1, 2], [3, 4]]] has a case of two positions',
  images: 'JSON: cases, rows, pixels; or an IDX file',
  tokens: 'a case on each line, tokens separated by spaces',
} as const;

/** Positions of an example, at most. */
const EXAMPLE = 12;

/** A case that fits the model, for a first look. */
function example(): string {
  const { task, kind, shape, positions } = chosen();
  const length = task === 'forecasting' ? positions : Math.min(positions, EXAMPLE);
  const wave = (a: number, b: number) => Number(Math.sin(a / 2 + b).toFixed(3));
  const grid = (rows: number, columns: number, one: (y: number, x: number) => unknown) =>
    Array.from({ length: rows }, (_, y) => Array.from({ length: columns }, (_, x) => one(y, x)));
  if (kind === 'tokens') return '';
  if (kind === 'series') return JSON.stringify([grid(length, shape[2], wave)]);
  const [, height, width, channels] = shape;
  return JSON.stringify([grid(height, width, (y, x) => Array.from({ length: channels }, () => 8 * (y + x)))]);
}

async function loadModels(): Promise<void> {
  known = await models();
  model.replaceChildren(...known.map(({ name }) => new Option(name)));
  find('token-field').hidden = token.value === '';
  describe();
}

function describe(): void {
  const { task, kind, positions, classNames } = chosen();
  const classes = classNames.length > 0 ? ` ${classNames.length} classes: ${classNames.slice(0, 20).join(', ')}.` : '';
  const taken =
    task === 'forecasting' ? `a table in the order of time, or JSON: cases of ${positions} positions` : forms[kind];
  about.textContent = `A ${called[task]} of ${kind}.${classes} It takes ${taken}.`;
  find('example').hidden = kind === 'tokens';
}

/** Shows a case and its attention. */
async function showCase(name: string, cases: Blob | string, index: number, prediction: PagePrediction): Promise<void> {
  find('case-title').textContent = `Case ${index + 1}`;
  [...table.tBodies[0].rows].forEach((row, at) => row.classList.toggle('chosen', at === index));
  find('case').replaceChildren();
  find('attention').replaceChildren('Drawing ...');
  try {
    const map = await attention(name, cases, index);
    find('case').replaceChildren(drawCase(map, prediction.forecast));
    URL.revokeObjectURL(picture);
    picture = URL.createObjectURL(new Blob([map.svg], { type: 'image/svg+xml' }));
    const image = new Image();
    image.alt = `Attention weights of case ${index + 1}, a panel for each head`;
    image.src = picture;
    find('attention').replaceChildren(image);
  } catch (error) {
    find('attention').replaceChildren();
    throw error;
  }
}

function run(cases: Blob | string): void {
  void attempt(async () => {
    results.hidden = true;
    const asked = chosen();
    const predictions = await predict(asked.name, cases);
    const show = (index: number) => showCase(asked.name, cases, index, predictions[index]);
    showPredictions(table, predictions, asked, (index) => void attempt(() => show(index)));
    results.hidden = false;
    await show(0);
  });
}

token.addEventListener('change', () => {
  setToken(token.value);
  void attempt(loadModels);
});
model.addEventListener('change', describe);
button.addEventListener('click', () => run(file.files?.[0] ?? text.value));
text.addEventListener('input', () => (file.value = ''));
file.addEventListener('change', () => file.files?.[0] && run(file.files[0]));
find('example').addEventListener('click', () => {
  file.value = '';
  text.value = example();
});
for (const name of ['dragover', 'dragleave', 'drop'] as const) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    text.classList.toggle('over', name === 'dragover');
  });
}
document.addEventListener('drop', (event) => {
  const dropped = event.dataTransfer?.files;
  if (!dropped?.[0]) return;
  file.files = dropped;
  run(dropped[0]);
});
void attempt(loadModels);
