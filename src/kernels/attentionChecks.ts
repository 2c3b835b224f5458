// Checks of an attention kernel's attributes: what its runs read and write lies in its tensors and tables.

import { util } from '@tensorflow/tfjs-core';
import { formatShape } from '../checks/tensors.js';
import { formatValue } from '../checks/values.js';
import { Block, Kernel, Side, Statistics, UNBOUNDED } from '../runtime/generated/bindings.js';
import type { FusedAttentionAttributes, HeadsRun, HeadsView, OperandView } from './attention.js';
import type { AttentionFields, AttentionSizes } from './attentionProblem.js';
import type { KernelInputs } from './defineKernel.js';
import { MAX_INT32, type OperandChecks } from './operandChecks.js';

/** Positions and offsets stay below it in size, so that sums of them fit into 32 bits. */
const FAR = 2 ** 28;

/** Sizes that float32 tensors can have at most, as the heap has 2^32 bytes. */
const MOST_NUMBERS = 2 ** 30;

/** A list of whole numbers or of floats as a field takes it. */
function checkTable(
  check: OperandChecks,
  name: string,
  table: unknown,
  count: number,
  test: (value: number) => boolean,
  must: string,
): void {
  const list = Array.isArray(table) || ArrayBuffer.isView(table) ? (table as unknown as ArrayLike<unknown>) : [];
  const fits = list.length === count && Array.prototype.every.call(list, (x) => typeof x === 'number' && test(x));
  if (!fits) check.refuse(name, formatValue(table), `${count} ${must}`);
}

const between = (low: number, high: number) => (x: number) => Number.isInteger(x) && x >= low && x <= high;

/** A pattern of blocks covers all queries and keys, and its entries name bitmaps that there are. */
function checkBlocks(check: OperandChecks, fields: AttentionFields, { heads, queries, keys }: AttentionSizes): void {
  const { blocks, bitmaps, blockSize, blockRows, blockColumns, blockHead } = fields;
  if (blocks === undefined) return;
  check.integer('blockSize', blockSize, 8, FAR);
  if (blockSize % 8 !== 0) check.refuse('blockSize', String(blockSize), 'a multiple of 8');
  const [rows, columns] = [Math.ceil(queries / blockSize), Math.ceil(keys / blockSize)];
  check.integer('blockRows', blockRows, rows, rows);
  check.integer('blockColumns', blockColumns, columns, columns);
  if (blockHead !== 0) check.integer('blockHead', blockHead, rows * columns, rows * columns);
  const bytes = ArrayBuffer.isView(bitmaps) ? bitmaps.byteLength : 0;
  const count = Math.floor(bytes / ((blockSize * blockSize) / 8));
  const entries = (blockHead === 0 ? 1 : heads) * rows * columns;
  const known = between(0, Block.FIRST_BITMAP + count - 1);
  checkTable(check, 'blocks', blocks, entries, known, `entries of blocks with ${count} bitmaps`);
}

function checkFields(check: OperandChecks, fields: AttentionFields, sizes: AttentionSizes): void {
  const { batch, heads, keyHeads, keys } = sizes;
  const { keyLengths, queryOffsets, headScales, pooled, alibiSlopes } = fields;
  check.integer('kernel', fields.kernel, 0, Kernel.LINEAR);
  check.integer('side', fields.side, 0, Side.DUAL);
  check.integer('batchNorm', fields.batchNorm, 0, Statistics.MEAN);
  check.integer('pooled', pooled, 0, 1);
  check.integer('causal', fields.causal, 0, 1);
  for (const side of ['left', 'right'] as const) check.integer(side, fields[side], 0, UNBOUNDED);
  for (const name of ['beta', 'scale'] as const) check.number(name, fields[name]);
  for (const name of ['epsilon', 'softcap'] as const) check.number(name, fields[name], 0);
  check.number('dropout', fields.dropout, 0);
  if (fields.dropout >= 1) check.refuse('dropout', String(fields.dropout), 'below 1');
  check.integer('seed', fields.seed, -MAX_INT32 - 1, 2 ** 32 - 1);
  checkTable(check, 'queryOffsets', queryOffsets, batch, between(-FAR, FAR), `integers from ${-FAR} to ${FAR}`);
  checkTable(check, 'headScales', headScales, keyHeads, between(1, MAX_INT32), 'integers, 1 or more');
  // Lengths count positions before averaging, also where averages are what is given.
  const scale = pooled ? Math.min(...(headScales as number[])) : 1;
  const positions = Math.min(keys * scale, MAX_INT32);
  checkTable(check, 'keyLengths', keyLengths, batch, between(0, positions), `integers from 0 to ${positions}`);
  if (alibiSlopes !== undefined) {
    checkTable(check, 'alibiSlopes', alibiSlopes, heads, Number.isFinite, 'finite numbers');
  }
  checkBlocks(check, fields, sizes);
}

/** The rows of `count` = [samples, heads, rows] heads lie in a tensor of `size` numbers, and none lies in another. */
function checkView(
  check: OperandChecks,
  name: string,
  view: HeadsView,
  count: readonly number[],
  width: number,
  size: number,
): void {
  const { offset, strides } = (view ?? {}) as Partial<HeadsView>;
  check.integer(`${name}.offset`, offset, 0, MOST_NUMBERS);
  check.integers(`${name}.strides`, strides, 3, 0, Number.MAX_SAFE_INTEGER);
  if (count.includes(0)) return;
  const apart = count.every((n, i) => n === 1 || strides![i] >= width);
  const end = offset! + count.reduce((sum, n, i) => sum + (n - 1) * strides![i], width);
  if (apart && end <= size) return;
  check.refuse(
    name,
    `${count.join(' x ')} rows of ${width} numbers from ${offset} on, [${strides!.join(', ')}] apart`,
    `rows that lie side by side in a tensor of ${size} numbers`,
  );
}

function checkMask(check: OperandChecks, mask: unknown, { batch, heads, queries, keys }: AttentionSizes): void {
  const shape = check.tensor('mask', mask, '[...]', ['bool', 'float32']);
  const whole = [batch, heads, queries, keys];
  const fits = shape.length <= 4 && shape.every((size, i) => size === 1 || size === whole[4 - shape.length + i]);
  if (!fits) check.refuse('mask', formatShape({ shape }), `broadcastable to ${formatShape({ shape: whole })}`);
}

function checkRun(
  check: OperandChecks,
  inputs: KernelInputs,
  { sizes, fields, ...views }: HeadsRun,
  operands: readonly string[],
  outSize: number,
): void {
  const { batch, heads, keyHeads, queries, keys, headWidth, valueWidth } = sizes ?? {};
  for (const [name, size] of Object.entries({ batch, heads, queries, keys })) {
    check.integer(name, size, 0, MOST_NUMBERS);
  }
  for (const [name, size] of Object.entries({ headWidth, valueWidth })) check.integer(name, size, 1, MOST_NUMBERS);
  check.integer('keyHeads', keyHeads, 1, MOST_NUMBERS);
  if (heads % keyHeads !== 0) check.refuse('keyHeads', String(keyHeads), `a divisor of heads, ${heads}`);
  const counts = {
    q: [batch, heads, queries, headWidth],
    k: [batch, keyHeads, keys, headWidth],
    v: [batch, keyHeads, keys, valueWidth],
  };
  for (const name of ['q', 'k', 'v'] as const) {
    const { input } = views[name] ?? {};
    if (!operands.includes(input)) check.refuse(`${name}.input`, formatValue(input), `one of ${operands.join(', ')}`);
    const size = util.sizeFromShape(inputs[input]!.shape);
    checkView(check, name, views[name], counts[name].slice(0, 3), counts[name][3], size);
  }
  checkView(check, 'out', views.out, [batch, heads, queries], valueWidth, outSize);
  checkFields(check, fields ?? {}, sizes);
  if (inputs.mask) checkMask(check, inputs.mask, sizes);
}

/** Views of an operand, and of the output, in a run, with what they hold. */
function viewsOf(name: string, { sizes, q, k, v, out }: HeadsRun): [HeadsView, number][] {
  const { batch, heads, keyHeads, queries, keys, headWidth, valueWidth } = sizes;
  if (name === 'out') return [[out, batch * heads * queries * valueWidth]];
  const own: [OperandView, number][] = [
    [q, batch * heads * queries * headWidth],
    [k, batch * keyHeads * keys * headWidth],
    [v, batch * keyHeads * keys * valueWidth],
  ];
  return own.filter(([{ input }]) => input === name);
}

/** All numbers of the output, or of an operand, which has a gradient, are in the runs' views, which lie in different places. */
function checkCovered(check: OperandChecks, name: string, size: number, runs: readonly HeadsRun[]): void {
  const views = runs.flatMap((run) => viewsOf(name, run)).filter(([, count]) => count > 0);
  const covered = views.reduce((sum, [, count]) => sum + count, 0);
  const places = new Set(views.map(([{ offset }]) => offset));
  if (covered === size && places.size === views.length) return;
  check.refuse(
    name,
    `${size} numbers, of which the runs have ${covered} in ${places.size} places`,
    'in the runs as a whole',
  );
}

/** Throws an Error that names the kernel, unless all that its runs touch is theirs. */
export function checkAttention(
  check: OperandChecks,
  inputs: KernelInputs,
  { operands, runs, shape }: FusedAttentionAttributes,
): void {
  const named = Array.isArray(operands) && operands.every((name) => typeof name === 'string');
  if (!named || !Array.isArray(runs) || runs.length === 0) {
    check.refuse(
      'operands and runs',
      `${formatValue(operands)} and ${formatValue(runs)}`,
      'arrays, of names and of runs, and there must be a run',
    );
  }
  if (new Set(operands).size < operands.length) check.refuse('operands', formatValue(operands), 'different names');
  check.integers('shape', shape, Array.isArray(shape) ? shape.length : 0, 0, MAX_INT32);
  for (const name of operands) check.tensor(name, inputs[name]);
  if (inputs.beta) check.scalar('beta', inputs.beta);
  const size = util.sizeFromShape(shape);
  for (const run of runs) checkRun(check, inputs, run, operands, size);
  checkCovered(check, 'out', size, runs);
  for (const name of operands) checkCovered(check, name, util.sizeFromShape(inputs[name]!.shape), runs);
}
