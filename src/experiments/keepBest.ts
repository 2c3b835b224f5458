import { join } from 'node:path';
import { writeTogether } from '../files/writeTogether.js';
import { folderHandler } from '../training/folderHandler.js';
import { isBetter } from '../training/isBetter.js';
import { scores } from '../training/scores.js';
import type { ComparedScore } from '../training/tasks/comparedScores.js';
import { runName } from './runPlan.js';
import type { RunRecord, RunStore } from './runStore.js';
import { scoresOfTask } from './summary.js';

/** The model that a comparison recommends for a data set. */
export interface BestModel {
  data: string;
  form: string;
  seed: number;
  /** How it was chosen, for people. */
  chosen: string;
  /** What comparisons of the task are about, on the test part: accuracy, RMSE, MSE. */
  score: ComparedScore;
  testScore: number;
  /** The same, of classes. */
  testAccuracy?: number;
  /** Where the model is. */
  folder: string;
}

/**
 * Copies, for each data set, the model of the run that did best on its held-out part, with `chosen.json` that says so; of
 * equal ones that of the earlier run.
 * The test part has no say. Seeds hold out different cases, so the figure is a guide rather than a ranking.
 *
 * @param folder gets a folder for each data set
 * @param records finished runs; without validation there is no best one
 * @throws the file system's errors
 */
export async function keepBest(folder: string, records: readonly RunRecord[], store: RunStore): Promise<BestModel[]> {
  const best = new Map<string, RunRecord>();
  for (const record of records.filter(({ chosen }) => chosen !== null)) {
    const { data } = record.config;
    const other = best.get(data);
    const [main] = scoresOfTask(record.config.task);
    if (!other || isBetter(main, record.chosen!, other.chosen!)) best.set(data, record);
  }
  return Promise.all(
    [...best].map(async ([data, { config, chosen, test }]) => {
      const [score] = scoresOfTask(config.task);
      const { title, better, format } = scores[score];
      const testScore = test.validation![score]!;
      const target = join(folder, data);
      const model: BestModel = {
        ...{ data, form: config.form, seed: config.seed },
        chosen:
          `${better === 'higher' ? 'highest' : 'lowest'} ${title} on the held-out part, ${format(chosen![score]!)} ` +
          `(loss ${chosen!.loss.toPrecision(3)}), after epoch ${chosen!.epoch}`,
        ...{ score, testScore },
        ...(score === 'accuracy' && { testAccuracy: testScore }),
        folder: target,
      };
      await folderHandler(target).save!(await folderHandler(store.modelFolder(config)).load!());
      const facts = `${JSON.stringify({ run: runName(config), ...model, config }, null, 2)}\n`;
      await writeTogether(new Map([[join(target, 'chosen.json'), facts]]));
      return model;
    }),
  );
}
