import { SingleBar } from 'cli-progress';
import { type LoadOptions, loadDataset } from '../data/loadDataset.js';
import type { DataKind, DataOfKind, Dataset } from '../data/labelledData.js';
import { describeCases, doubtsAbout } from '../data/describeCases.js';
import { type ForecastOptions, loadForecast } from '../data/forecast/loadForecast.js';
import type { TaskName } from '../data/modelMetadata.js';
import type { Output } from './output.js';

const MEGABYTE = 1e6;

interface DownloadDisplay {
  onProgress: NonNullable<LoadOptions['onProgress']>;
  stop(): void;
}

function bar(name: string): DownloadDisplay {
  const single = new SingleBar({
    format: `{bar} {percentage} % | downloading ${name} | {megabytes} MB | ETA {eta_formatted}`,
    stream: process.stderr,
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
  });
  return {
    onProgress(done, total) {
      const payload = { megabytes: (done / MEGABYTE).toFixed(1) };
      if (!single.isActive) single.start(total ?? 0, done, payload);
      single.update(done, payload);
    },
    stop: () => single.stop(),
  };
}

function lines(name: string, output: Output): DownloadDisplay {
  let begun = false;
  let bytes = 0;
  return {
    onProgress(done, total) {
      const size = total === undefined ? '' : ` (${(total / MEGABYTE).toFixed(1)} MB)`;
      if (!begun) output.say(`downloading ${name}${size}`);
      begun = true;
      bytes = done;
    },
    stop: () => {
      if (begun) output.say(`${(bytes / MEGABYTE).toFixed(1)} MB of ${name} received`);
    },
  };
}

/**
 * loadDataset for a command: a download shows a progress bar on a terminal, two lines elsewhere, nothing if the output is
 * quiet. All on standard error.
 *
 * @param name see loadDataset
 * @param output the command's output
 * @param options kind: what the cases must be; read and reading: how tables are read; download: see loadDataset; task: what is
 *   learnt from it; forecast: the name is a table in the order of time, to be cut into windows
 */
export async function openDataset<Kind extends DataKind = DataKind>(
  name: string,
  output: Output,
  options: Pick<LoadOptions<Kind>, 'kind' | 'read' | 'reading' | 'whole' | 'download'> & {
    forecast?: ForecastOptions;
    task?: TaskName;
  } = {},
): Promise<Dataset<DataOfKind[Kind]>> {
  const { forecast, task, ...others } = options;
  const loading = { ...others, ...(task === 'regression' && { task }) };
  const dataset = forecast
    ? ((await loadForecast(name, forecast)) as Dataset as Dataset<DataOfKind[Kind]>)
    : await load(name, output, loading);
  sayWhatWasRead(dataset, output);
  return dataset;
}

/** Says what a data set holds, and what may be other than meant. */
function sayWhatWasRead({ name, train, test }: Dataset, output: Output): void {
  if (train === test) {
    output.say(`${name}: ${describeCases(test)}`);
    for (const doubt of doubtsAbout(test, false)) output.warn(`${name}: ${doubt}`);
    return;
  }
  output.say(`${name}, training part: ${describeCases(train)}`);
  output.say(`${name}, test part: ${describeCases(test)}`);
  for (const doubt of doubtsAbout(train, true)) output.warn(`${name}, training part: ${doubt}`);
  for (const doubt of doubtsAbout(test, false)) output.warn(`${name}, test part: ${doubt}`);
}

async function load<Kind extends DataKind>(
  name: string,
  output: Output,
  options: LoadOptions<Kind>,
): Promise<Dataset<DataOfKind[Kind]>> {
  if (!output.verbose) return loadDataset(name, options);
  const display = process.stderr.isTTY ? bar(name) : lines(name, output);
  try {
    return await loadDataset(name, { ...options, onProgress: display.onProgress });
  } finally {
    display.stop();
  }
}
