import type { Dataset } from '../data/labelledData.js';
import type { TaskName } from '../data/modelMetadata.js';
import { type Baseline, baselinesOf } from '../training/baselines/baseline.js';
import { metadataOf } from '../training/metadata.js';
import { taskOf } from '../training/tasks/taskOf.js';
import { runParts } from './runParts.js';

/** How a simple rule does on a data set. */
export interface DataBaseline extends Baseline {
  data: string;
  task: TaskName;
}

/**
 * Rules beside which the forms are seen, fitted to the whole training part; none of classes.
 *
 * @param dataset not standardised
 */
export function dataBaselines(dataset: Dataset): DataBaseline[] {
  const { name: data, train } = dataset;
  const task = taskOf('compare', train);
  if (!task.baselines) return [];
  const parts = runParts(dataset, task, { validation: 0, seed: 0 });
  const metadata = metadataOf(parts.train, { data, form: '', statistics: parts.statistics });
  const scaled = { ...parts, test: task.scaled(parts.test, metadata) };
  return baselinesOf(task, scaled).map((baseline) => ({ data, task: task.name, ...baseline }));
}
