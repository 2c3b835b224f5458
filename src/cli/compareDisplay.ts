import { createLogUpdate } from 'log-update';
import type { CompareEvent } from '../experiments/compareForms.js';
import { spreadText } from '../experiments/comparisonTables.js';
import type { RunConfig } from '../experiments/runConfig.js';
import type { Whereabouts } from '../experiments/runPlace.js';
import type { RunRecord } from '../experiments/runStore.js';
import { scoresOfTask, summarize } from '../experiments/summary.js';
import type { RunProgress, RunScores } from '../experiments/trainRun.js';
import type { Columns } from '../report/html.js';
import { markdownTable } from '../report/markdownTable.js';
import { counted } from '../checks/counted.js';
import { exactly } from '../training/scores.js';
import type { Output } from './output.js';

/** Follows a comparison. */
export interface CompareDisplay {
  onEvent: (event: CompareEvent) => void;
  /** Says something that people should know. */
  notice: (text: string) => void;
  /** Ends the display; it may be called more than once. */
  stop: () => void;
}

const REDRAW_MS = 200;

const nameOf = ({ data, form, seed }: RunConfig) => `${data}  ${form}  seed ${seed}`;

/** Where a run is, and how far. */
interface Running {
  where: Whereabouts;
  progress?: RunProgress;
}

/** What a run is doing: 'seed 0: validation 12/40, 96.3 %', with ' on node3' behind the seed where machines differ. */
function doing({ seed, epochs, task }: RunConfig, { where, progress }: Running): string {
  const run = `seed ${seed}${where.host === undefined ? '' : ` on ${where.host}`}`;
  if (!progress) return `${run}: starting`;
  const { stage, epoch, score } = progress;
  return `${run}: ${stage} ${epoch}/${epochs}, ${exactly(scoresOfTask(task)[0], score)}`;
}

/** An event as a line of text; '' for those that only a live table shows. `build` computes. */
function describe(event: CompareEvent, build: string): string {
  switch (event.kind) {
    case 'planned': {
      const { runs, found, places } = event;
      return `${counted(runs.length, 'run')}, ${found} already finished; ${places}, ${build} build`;
    }
    case 'again':
      return `${nameOf(event.run)}: running again: ${event.reason}`;
    case 'started': {
      const { pid, host } = event.where;
      return `${nameOf(event.run)}: started (process ${pid}${host === undefined ? '' : ` of ${host}`})`;
    }
    case 'failed':
      return `${nameOf(event.run)}: failed: ${event.error}`;
    case 'finished': {
      const [main] = scoresOfTask(event.run.task);
      const shown = (scores: RunScores) => exactly(main, scores[main]!);
      const { last, validation, best } = event.record.test;
      const chosen = validation === null ? '' : `, chosen on validation ${shown(validation)}`;
      const { seconds, computedBy } = event.record;
      const training = `${seconds.toFixed(1)} s of training${computedBy ? ` on ${computedBy.host}` : ''}`;
      const end = event.found ? 'already finished' : training;
      return `${nameOf(event.run)}: last ${shown(last)}${chosen}, best (biased) ${shown(best)}; ${end}`;
    }
    default:
      return '';
  }
}

interface LiveRow {
  data: string;
  form: string;
  done: string;
  scores: string[];
  now: string;
}

const liveColumns: Columns<LiveRow> = {
  columns: [
    ['data', -1, ({ data }) => data],
    ['attention', -1, ({ form }) => form],
    ['runs', 1, ({ done }) => done],
    ...['last', 'validation', 'best*'].map(
      (title, index) => [title, 1, ({ scores }: LiveRow) => scores[index]] as const,
    ),
    ['now', -1, ({ now }) => now],
  ],
};

/** Tracks a comparison, and shows it as a table with a row for each data set and form. */
class LiveTable implements CompareDisplay {
  private runs: readonly RunConfig[] = [];
  private found = 0;
  private readonly records: RunRecord[] = [];
  private readonly failed = new Set<RunConfig>();
  private readonly running = new Map<RunConfig, Running>();
  private readonly draw = createLogUpdate(process.stderr);
  private readonly start = performance.now();
  private readonly timer = setInterval(() => this.draw(this.text()), REDRAW_MS);

  constructor(private readonly build: string) {}

  onEvent = (event: CompareEvent): void => {
    if (event.kind === 'planned') {
      this.runs = event.runs;
      this.found = event.found;
    } else if (event.kind === 'again') this.draw.persist(describe(event, this.build));
    else if (event.kind === 'started') this.running.set(event.run, { where: event.where });
    else if (event.kind === 'progress') this.running.get(event.run)!.progress = event.progress;
    else this.running.delete(event.run);
    if (event.kind === 'finished') this.records.push(event.record);
    if (event.kind === 'failed') {
      this.failed.add(event.run);
      this.draw.persist(describe(event, this.build));
    }
  };

  notice = (text: string): void => this.draw.persist(text);

  private row({ data, form, task }: RunConfig): LiveRow {
    const [main] = scoresOfTask(task);
    const own = (run: RunConfig) => run.data === data && run.form === form;
    const [summary] = summarize(this.records.filter(({ config }) => own(config)));
    const failed = [...this.failed].filter(own).length;
    return {
      ...{ data, form },
      done: `${summary?.runs ?? 0}/${this.runs.filter(own).length}${failed > 0 ? `, ${failed} failed` : ''}`,
      scores: (['last', 'validation', 'best'] as const).map((figure) =>
        spreadText(main, summary?.test[figure]?.[main]),
      ),
      now: [...this.running]
        .filter(([run]) => own(run))
        .map(([run, running]) => doing(run, running))
        .join('; '),
    };
  }

  private text(): string {
    const rows = [...new Map(this.runs.map((run) => [`${run.data} ${run.form}`, run])).values()];
    const table = markdownTable(
      liveColumns,
      rows.map((run) => this.row(run)),
    );
    const seconds = Math.round((performance.now() - this.start) / 1000);
    const done = this.records.length + this.failed.size;
    const before = this.found > 0 ? `, ${this.found} already finished` : '';
    const foot = `${done} of ${this.runs.length} runs${before}, ${seconds} s, ${this.build} build   * over test epochs: biased`;
    // A line that wraps would break the table.
    return `${table}\n${foot}`.replaceAll(/^.*$/gm, (line) => line.slice(0, (process.stderr.columns || 80) - 1));
  }

  stop = (): void => {
    clearInterval(this.timer);
    this.draw.clear();
    this.draw.done();
  };
}

/**
 * A live table on a terminal, lines elsewhere, nothing if the output is quiet. All on standard error.
 *
 * @param output the command's output
 * @param build the one that computes
 */
export function compareDisplay(output: Output, build: string): CompareDisplay {
  if (!output.verbose) return { onEvent: () => {}, notice: () => {}, stop: () => {} };
  if (process.stderr.isTTY) return new LiveTable(build);
  const say = (text: string) => text && output.say(text);
  return { onEvent: (event) => say(describe(event, build)), notice: say, stop: () => {} };
}
