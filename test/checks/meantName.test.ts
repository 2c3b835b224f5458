import { expect, it } from 'vitest';
import { meantName } from '../../src/checks/meantName.js';
import { checkOptions } from '../../src/checks/values.js';

const names = ['learningRate', 'weightDecay', 'beta1', 'beta2', 'epsilon', 'batchSize'];

it.each([
  ['lr', " Did you mean 'learningRate'?"],
  ['betas', " Did you mean 'beta1' and 'beta2'?"],
  ['eps', " Did you mean 'epsilon'?"],
  ['weight_decay', " Did you mean 'weightDecay'?"],
  ['BATCH-SIZE', " Did you mean 'batchSize'?"],
  ['batchsice', " Did you mean 'batchSize'?"],
  ['beta_1', " Did you mean 'beta1'?"],
  ['nesterov', ''],
  ['randomState', ''], // a seed, which is not among these
])('%s is meant as%s', (name, suggestion) => {
  expect(meantName(name, names)).toBe(suggestion);
});

it('ends the message of an option that does not exist', () => {
  const check = (options: object) => () => checkOptions('adamW', options, names);
  expect(check({ lr: 0.1 })).toThrow(
    "adamW: unknown option 'lr'; the options are learningRate, weightDecay, beta1, beta2, epsilon, batchSize. " +
      "Did you mean 'learningRate'?",
  );
  expect(check({ lr: undefined })).not.toThrow();
});
