// The page: controls and charts. All that computes is in worker.ts.

import type { Info, Progress } from 'primal-attention';
import { CaseGrid } from './caseGrid.js';
import { Curves, drawMaps, drawSeries } from './charts.js';
import type { DataFacts, ModelFacts, Reply, Request, ShownCase } from './messages.js';
import { drawProbabilities } from './probabilityBars.js';

const find = <T extends HTMLElement = HTMLElement>(id: string) => document.getElementById(id) as T;
const [epochs, width, threads] = ['epochs', 'width', 'threads'].map((id) => find<HTMLInputElement>(id));
const attention = find<HTMLSelectElement>('attention');
const [train, stop] = ['train', 'stop'].map((id) => find<HTMLButtonElement>(id));
const folder = find<HTMLInputElement>('folder');
const progressBar = find<HTMLProgressElement>('progress');

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
const send = (request: Request) => worker.postMessage(request);

let data: DataFacts;
let grid: CaseGrid;
let history: Progress[] = [];
/** Where the model comes from that is under way. */
let source: 'training' | 'folder';
let curves: Promise<Curves>;
/** The case that is shown. */
let chosen = 0;

const say = (text: string) => (find('state').textContent = text);
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function fail(message: string): void {
  find('problem').hidden = message === '';
  find('problem').textContent = message;
}

function setBusy(busy: boolean): void {
  train.disabled = folder.disabled = busy;
  stop.disabled = !busy;
}

function list(id: string, texts: string[]): void {
  const items = texts.map((text) => {
    const item = document.createElement('li');
    item.textContent = text;
    return item;
  });
  find(id).replaceChildren(...items);
}

function showInfo(info: Info): void {
  const vectors = info.relaxedSimd ? 'SIMD with fused multiply-add' : 'SIMD';
  const memory = info.sharedMemory ? 'shared memory' : 'no shared memory';
  list('info', [`${info.threads} ${info.threads === 1 ? 'thread' : 'threads'}`, vectors, memory, `tfjs ${info.tfjs}`]);
  list('notes', info.notes); // why something is slower than it could be
}

function start(info: Info, facts: DataFacts, forms: string[]): void {
  data = facts;
  showInfo(info);
  threads.value = String(info.threads);
  threads.max = info.sharedMemory ? '64' : '1';
  attention.replaceChildren(...forms.map((form) => new Option(form)));
  attention.value = 'bn+sh';
  find('data').textContent =
    `${data.name}: ${data.trainingCases} training and ${data.labels.length} test cases, ${data.channels} channels, ` +
    `up to ${data.length} positions, ${data.classNames.length} classes.`;
  grid = new CaseGrid(find('grid'), data, choose);
  setBusy(false);
  say('Ready.');
  drawAxes();
}

function drawAxes(): void {
  curves = Curves.draw({ loss: find('loss'), accuracy: find('accuracy') }, epochs.valueAsNumber);
}

function choose(index: number): void {
  chosen = index;
  grid.mark(index);
  send({ type: 'show', index });
}

function showProgress({ epoch, batch, batchesPerEpoch, epochs, samplesPerSecond, loss }: Progress): void {
  progressBar.value = (epoch - 1 + batch / batchesPerEpoch) / epochs;
  say(`Epoch ${epoch} of ${epochs}, loss ${loss.toFixed(3)}, ${Math.round(samplesPerSecond)} series a second`);
}

function showModel({ description, accuracy, predicted }: ModelFacts): void {
  setBusy(false);
  grid.update(predicted);
  find('score').textContent = `${percent(accuracy)} of ${predicted.length} right: ${description}. Click a case.`;
  say(
    source === 'training' ? `Trained for ${history.length} ${history.length === 1 ? 'epoch' : 'epochs'}.` : 'Opened.',
  );
  choose(chosen);
}

async function showCase({ index, series, probabilities, predicted, maps }: ShownCase): Promise<void> {
  const label = data.labels[index];
  find('case').textContent = `Prediction for case ${index}, of class ${data.classNames[label]}`;
  drawProbabilities(find('probabilities'), { probabilities, predicted, label, classNames: data.classNames });
  await drawSeries(find('series'), series);
  await drawMaps(find('maps'), maps);
}

async function receive(reply: Reply): Promise<void> {
  switch (reply.type) {
    case 'ready':
      start(reply.info, reply.data, reply.forms);
      break;
    case 'info':
      showInfo(reply.info);
      break;
    case 'batch':
      showProgress(reply.progress);
      break;
    case 'epoch':
      history.push(reply.progress);
      await (await curves).update(history);
      break;
    case 'model':
      showModel(reply.model);
      break;
    case 'case':
      await showCase(reply.shown);
      break;
    case 'failed':
      setBusy(false);
      fail(reply.message);
      say('Stopped.');
      break;
  }
}

function begin(from: typeof source): void {
  source = from;
  fail('');
  setBusy(true);
  history = [];
  progressBar.value = 0;
  drawAxes();
}

find<HTMLFormElement>('form').onsubmit = (event) => {
  event.preventDefault();
  begin('training');
  const numbers = { epochs: epochs.valueAsNumber, width: width.valueAsNumber, threads: threads.valueAsNumber };
  send({ type: 'train', form: attention.value, ...numbers });
};
stop.onclick = () => send({ type: 'stop' });
folder.onchange = () => {
  begin('folder');
  send({ type: 'open', files: [...(folder.files ?? [])] });
  folder.value = ''; // so that the same folder can be chosen again
};

worker.onmessage = ({ data: reply }: MessageEvent<Reply>) => void receive(reply);
worker.onerror = ({ message }) => fail(message);
send({ type: 'start' });
