import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import * as pa from '../../src/index.js';
import { run, snippetsOf } from './snippets.js';

const modules = { 'node:assert/strict': assert, '@tensorflow/tfjs-core': tf, 'primal-attention': pa };

describe('docs/primalDual.md', () => {
  const [preamble, ...snippets] = snippetsOf('primalDual.md');

  it('has code for every form', () => {
    const headings = snippets.map(({ title }) => title).join('\n');
    for (const form of [
      'Softmax',
      'Linear',
      'Sparse',
      'Multi-head',
      'Attention-BN',
      'Attention-SH',
      'Attention-Conv',
    ]) {
      expect(headings).toContain(form);
    }
  });

  it.each(snippets)('$title', async ({ code }) => {
    await run(preamble.code + code, modules);
  });
});
