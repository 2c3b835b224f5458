import type { LabelledData } from '../data/labelledData.js';
import type { ModelMetadata } from '../data/modelMetadata.js';
import { taskOf } from '../training/tasks/taskOf.js';

/** @throws Error unless the cases of a data set have what the model gives: classes or numbers */
export function checkTask(
  source: string,
  data: LabelledData,
  { task = 'classification' }: Pick<ModelMetadata, 'task'>,
): void {
  const found = taskOf(source, data).name;
  if (found === task) return;
  throw new Error(`${source}: the data is for ${found}; it must be for ${task}`);
}
