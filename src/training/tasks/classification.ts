import { texts } from '../../checks/rules.js';
import { checkLabels } from '../../data/labels.js';
import { stratifiedSplit } from '../../data/split.js';
import { argmax } from '../argmax.js';
import { crossEntropy, TINY } from '../crossEntropy.js';
import type { Evaluation } from '../evaluation.js';
import { confusionMatrix, macroF1 } from '../metrics.js';
import { classificationObjective } from './classificationObjective.js';
import { classificationReport } from './classificationReport.js';
import { classificationEvaluationText, classificationPredictionText } from './classificationText.js';
import type { Task } from './task.js';

/** One of several classes for each case: the model gives their probabilities, [B, classes]. */
export const classification: Task<Evaluation> = {
  name: 'classification',
  knownBy: 'classNames',
  trainingScores: ['loss', 'accuracy'],
  validationScores: ['loss', 'accuracy', 'macroF1'],
  monitors: ['accuracy', 'loss'],
  lossOptions: ['labelSmoothing', 'classWeights'],
  compileArgs: { loss: crossEntropy, metrics: ['accuracy'] },

  checkOutputs(owner, model, { classNames = [] }) {
    const classes = model.outputs[0].shape[1];
    if (classNames.length === classes) return;
    throw new Error(`${owner}: the data had ${classNames.length} classes; they must be ${classes}, as the model's`);
  },

  checkTargets(owner, data) {
    checkLabels(owner, data);
  },

  split: stratifiedSplit,
  metadata: ({ classNames = [] }) => ({ classNames }),
  metadataFault: ({ classNames }) => (texts.test(classNames) ? undefined : ['classNames', 'a list of names']),
  scaled: (data) => data,
  objective: classificationObjective,

  evaluate(probabilities, data) {
    const [labels, classNames] = [data.labels!, data.classNames!];
    const predicted = probabilities.map(argmax);
    const loss = probabilities.reduce((sum, row, index) => sum - Math.log(row[labels[index]] + TINY), 0);
    const confusion = confusionMatrix(labels, predicted, classNames.length);
    const right = predicted.filter((label, index) => label === labels[index]).length;
    return {
      accuracy: right / labels.length,
      loss: loss / labels.length,
      macroF1: macroF1(confusion),
      confusion,
      predicted,
    };
  },

  describe: ({ classNames = [] }) => `${classNames.length} classes`,
  describeCase: ({ labels, classNames }, index) => `class '${classNames![labels![index]]}'`,
  testDocument: ({ last, best, kept }) => ({
    testAccuracy: { last: last.accuracy, ...(best && { validation: best.accuracy }) },
    testMacroF1: kept.macroF1,
  }),
  evaluationText: classificationEvaluationText,
  predictionText: classificationPredictionText,
  reportPart: classificationReport,
};
