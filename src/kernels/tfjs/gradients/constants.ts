// Operations whose result is the same in a neighbourhood of almost every input: masks are made of them.

import {
  All,
  Any,
  Equal,
  type GradConfig,
  Greater,
  IsFinite,
  IsInf,
  IsNan,
  Less,
  LessEqual,
  LogicalAnd,
  LogicalNot,
  LogicalOr,
  NotEqual,
  zeros,
} from '@tensorflow/tfjs-core';

function constant(kernelName: string, inputs: string[]): GradConfig {
  return {
    kernelName,
    inputsToSave: inputs,
    gradFunc: (_, saved) => Object.fromEntries(inputs.map((name, i) => [name, () => zeros(saved[i].shape)])),
  };
}

export const constantGradients = [
  ...[Any, All, LogicalNot, IsNan, IsInf, IsFinite].map((name) => constant(name, ['x'])),
  ...[Equal, NotEqual, Greater, Less, LessEqual, LogicalAnd, LogicalOr].map((name) => constant(name, ['a', 'b'])),
];
