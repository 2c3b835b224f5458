// Batch normalisation of padded sequences (S. Ioffe, C. Szegedy, "Batch Normalization"), x [batch, positions, columns]:
//
//   y = gamma x^ + beta,   x^ = (x - mean) / sqrt(variance + epsilon),   for every position
//
// mean and variance of each column are those of the valid positions: lengths[b] of sample b. They are computed of blocks of
// rows and put together (T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae ..."), so that rows are read as they lie:
//
//   batchMoments: blocks of rows;   combineMoments: strips of columns;   normalizeColumns: blocks of rows
//
// For given statistics, columnFactors stands for the first two.

import { zeroRow } from '../simd/copy';
import { loadLanes, storeLanes } from '../simd/lanes';
import { LEAST_SCALED, negligible, normal, normalAbove, powersOf, scaled, TOP } from '../simd/powers';
import { moveToDoubles, SUM_ROWS } from '../simd/rows';
import { greaterSize } from '../simd/sizes';
import { madd } from '../simd/vector';
import { blockBegin, blockEnd, blockTasks } from '../threads/rowBlocks';
import { stripBegin, stripSize, stripTasks } from '../threads/strips';
import { BETA, differenceAt, partOfProduct, SLOPE, writeColumn } from './columnFactors';

@unmanaged
export class BatchNormalizationProblem {
  x: usize;
  /** @optional */
  y: usize;
  /** float32 [columns]; so are mean, variance, its root and the gradients of gamma and beta. */
  gamma: usize;
  /** @optional */
  beta: usize;
  mean: usize;
  /** @optional */
  variance: usize;
  /** What the backward pass knows of the variance, which float32 may not hold. @optional */
  deviation: usize;
  /** @optional */
  dY: usize;
  /** @optional */
  dX: usize;
  /** @optional */
  dGamma: usize;
  /** @optional */
  dBeta: usize;
  /** int32 [batch]; 0: all positions are valid. */
  lengths: usize;
  /** What blocks of rows give: batchPartsBytes. @optional */
  parts: usize;
  /** float32 [FACTOR_ROWS, columns]. @optional */
  factors: usize;
  batch: i32;
  positions: i32;
  columns: i32;
  epsilon: f32;
}

@inline
export function countRows(p: BatchNormalizationProblem): i32 {
  return p.batch * p.positions;
}

@inline
function validPositions(p: BatchNormalizationProblem, b: i32): i32 {
  return p.lengths ? load<i32>(p.lengths + (<usize>b << 2)) : p.positions;
}

/** Valid positions in all. */
export function countValid(p: BatchNormalizationProblem): i32 {
  let count = 0;
  for (let b = 0; b < p.batch; b++) count += validPositions(p, b);
  return count;
}

/** Rows from `row` on, up to `end`, that are of the same sample. */
@inline
export function rowsOfSample(p: BatchNormalizationProblem, row: i32, end: i32): i32 {
  return min(end - row, p.positions - (row % p.positions));
}

/** Rows of the same sample that join a sum in float32 that has `added` rows, and then how many it has; 0 once it is full. */
@inline
export function rowsOfSum(p: BatchNormalizationProblem, row: i32, end: i32, added: i32): i32 {
  return min(rowsOfSample(p, row, end), SUM_ROWS - added);
}

@inline
export function nextSum(added: i32, rows: i32): i32 {
  return (added + rows) % SUM_ROWS;
}

/** How many of these `rows` are valid; they come first. */
@inline
export function validRows(p: BatchNormalizationProblem, row: i32, rows: i32): i32 {
  return max(0, min(rows, validPositions(p, row / p.positions) - (row % p.positions)));
}

/** Bytes of one row of a block's part: float64, columns in fours. */
@inline
export function partStep(p: BatchNormalizationProblem): usize {
  return (<usize>(p.columns + 3) & ~3) << 3;
}

/** Parts: of each block two rows in float64, and two of as many bytes for what else there is. */
@inline
export function partOf(p: BatchNormalizationProblem, block: i32): usize {
  return p.parts + <usize>block * 3 * partStep(p);
}

export function batchPartsBytes(p: BatchNormalizationProblem): usize {
  return <usize>blockTasks(countRows(p), p.columns) * 3 * partStep(p);
}

export function batchMomentsTasks(p: BatchNormalizationProblem): i32 {
  return blockTasks(countRows(p), p.columns);
}

/**
 * Rows of the block's largest numbers, powers, negligible numbers, sums or means, parts of the sums of squares and of what the
 * mean left, and both, or the sums, in float64.
 */
export function batchMomentsScratch(p: BatchNormalizationProblem): usize {
  return 10 * (partStep(p) >> 1);
}

/** Mean and sum of squared differences from it, in float64, and the count, of the valid rows of a block. */
export function batchMoments(p: BatchNormalizationProblem, task: i32, scratch: usize): void {
  const size = <usize>p.columns << 2, step = partStep(p) >> 1;
  const first = blockBegin(task, countRows(p), p.columns), end = blockEnd(task, countRows(p), p.columns);
  const means = scratch + 3 * step, squares = scratch + 4 * step, totals = scratch + 6 * step;
  zeroRow(scratch, 10 * step);
  let count = 0;
  for (let row = first, rows = 0; row < end; row += rows) {
    rows = rowsOfSample(p, row, end);
    const valid = validRows(p, row, rows);
    count += valid;
    findLargest(scratch, p.x + <usize>row * size, size, valid);
  }
  writePowers(scratch, step);
  for (let row = first, rows = 0, added = 0; row < end; row += rows) {
    rows = rowsOfSum(p, row, end, added);
    addScaled(means, p.x + <usize>row * size, scratch + step, step, size, validRows(p, row, rows));
    added = nextSum(added, rows);
    if (added == 0 || row + rows == end) moveToDoubles(totals, means, step);
  }
  takeMeans(means, totals, 1 / <f64>max(count, 1), step);
  for (let row = first, rows = 0, added = 0; row < end; row += rows) {
    rows = rowsOfSum(p, row, end, added);
    addSquares(scratch, p.x + <usize>row * size, step, size, validRows(p, row, rows));
    added = nextSum(added, rows);
    if (added == 0 || row + rows == end) moveToDoubles(totals, squares, 2 * step);
  }
  writeMoments(partOf(p, task), scratch, step, count);
}

/** most = the greater of itself and the sizes of the rows. */
export function findLargest(most: usize, x: usize, size: usize, rows: i32): void {
  for (; rows > 0; rows--, x += size) {
    let i: usize = 0;
    for (; i + 16 <= size; i += 16) v128.store(most + i, greaterSize(v128.load(most + i), v128.load(x + i)));
    for (; i < size; i += 4) storeLanes<f32>(most + i, greaterSize(loadLanes<f32>(most + i), loadLanes<f32>(x + i)));
  }
}

/** Two rows: the powers of two for numbers as large as in the row before, and what is negligible beside them. */
export function writePowers(most: usize, step: usize): void {
  for (let i: usize = 0; i < step; i += 16) {
    const power = powersOf(v128.load(most + i), TOP);
    v128.store(most + step + i, power);
    v128.store(most + 2 * step + i, negligible(power, TOP));
  }
}

/** sums += x times its powers */
function addScaled(sums: usize, x: usize, powers: usize, step: usize, size: usize, rows: i32): void {
  for (; rows > 0; rows--, x += size) {
    let i: usize = 0;
    for (; i + 16 <= size; i += 16) addScaledLanes<v128>(sums + i, x + i, powers + i, step);
    for (; i < size; i += 4) addScaledLanes<f32>(sums + i, x + i, powers + i, step);
  }
}

@inline
function addScaledLanes<T>(sums: usize, x: usize, powers: usize, step: usize): void {
  const numbers = scaled(loadLanes<T>(x), loadLanes<T>(powers), loadLanes<T>(powers + step));
  storeLanes<T>(sums, f32x4.add(loadLanes<T>(sums), numbers));
}

/** means = share totals, 0 where that is too small beside the numbers; totals become 0. */
function takeMeans(means: usize, totals: usize, share: f64, step: usize): void {
  for (let i: usize = 0; i < step; i += 4) {
    store<f32>(means + i, normalAbove(<f32>(load<f64>(totals + (i << 1)) * share), LEAST_SCALED));
  }
  zeroRow(totals, 2 * step);
}

/** Sums of the squares of the differences from the means, and of the differences. */
function addSquares(scratch: usize, x: usize, step: usize, size: usize, rows: i32): void {
  const powers = scratch + step;
  for (; rows > 0; rows--, x += size) {
    let i: usize = 0;
    for (; i + 16 <= size; i += 16) addSquareLanes<v128>(powers + i, x + i, step);
    for (; i < size; i += 4) addSquareLanes<f32>(powers + i, x + i, step);
  }
}

@inline
function addSquareLanes<T>(powers: usize, x: usize, step: usize): void {
  const numbers = scaled(loadLanes<T>(x), loadLanes<T>(powers), loadLanes<T>(powers + step));
  const d = f32x4.sub(numbers, loadLanes<T>(powers + 2 * step));
  const squares = powers + 3 * step, rest = powers + 4 * step;
  storeLanes<T>(squares, madd(d, d, loadLanes<T>(squares)));
  storeLanes<T>(rest, f32x4.add(d, loadLanes<T>(rest)));
}

/** A block's part: rows of means and of squares, without their powers, and the count. */
function writeMoments(part: usize, scratch: usize, step: usize, count: i32): void {
  const totals = scratch + 6 * step;
  const share = 1 / <f64>max(count, 1);
  for (let i: usize = 0; i < step; i += 4) {
    const at = scratch + i;
    const inverse = 1 / <f64>load<f32>(at + step), rest = load<f64>(totals + ((step + i) << 1)) * share;
    store<f64>(part + (i << 1), (<f64>load<f32>(at + 3 * step) + rest) * inverse);
    const squares = load<f64>(totals + (i << 1)) - rest * rest * <f64>count;
    store<f64>(part + ((step + i) << 1), squares * inverse * inverse);
  }
  store<i32>(part + 4 * step, count);
}

export function combineMomentsTasks(p: BatchNormalizationProblem): i32 {
  return stripTasks(p.columns);
}

/** One strip of columns of mean, variance and the factors. */
export function combineMoments(p: BatchNormalizationProblem, task: i32, _: usize): void {
  const end = stripBegin(task) + stripSize(p.columns, task);
  const count = f64x2.splat(<f64>max(countValid(p), 1));
  for (let at = stripBegin(task); at < end; at += 8) {
    const mean = meanOf(p, at << 1, count);
    const variance = varianceOf(p, at << 1, mean, count);
    writeStatistics(p, at, f64x2.extract_lane(mean, 0), f64x2.extract_lane(variance, 0));
    if (at + 4 < end) writeStatistics(p, at + 4, f64x2.extract_lane(mean, 1), f64x2.extract_lane(variance, 1));
  }
}

/** Of two columns, whose place in a part is `at`. */
function meanOf(p: BatchNormalizationProblem, at: usize, count: v128): v128 {
  let sum = f64x2.splat(0);
  for (let block = 0, blocks = batchMomentsTasks(p); block < blocks; block++) {
    const part = partOf(p, block), own = <f64>load<i32>(part + 2 * partStep(p));
    sum = f64x2.add(sum, f64x2.mul(f64x2.splat(own), v128.load(part + at)));
  }
  return f64x2.div(sum, count);
}

function varianceOf(p: BatchNormalizationProblem, at: usize, mean: v128, count: v128): v128 {
  let sum = f64x2.splat(0);
  for (let block = 0, blocks = batchMomentsTasks(p); block < blocks; block++) {
    const part = partOf(p, block), own = <f64>load<i32>(part + 2 * partStep(p));
    const d = f64x2.sub(v128.load(part + at), mean);
    sum = f64x2.add(sum, f64x2.mul(f64x2.splat(own), f64x2.mul(d, d)));
    sum = f64x2.add(sum, v128.load(part + at + partStep(p)));
  }
  return f64x2.div(sum, count);
}

@inline
function writeStatistics(p: BatchNormalizationProblem, at: usize, mean: f64, variance: f64): void {
  store<f32>(p.mean + at, normal(mean));
  store<f32>(p.variance + at, normal(variance));
  store<f32>(p.deviation + at, normal(sqrt<f64>(variance)));
  const step = <usize>p.columns << 2;
  writeColumn(p.factors + at, step, mean, variance, load<f32>(p.gamma + at), load<f32>(p.beta + at), p.epsilon);
}

export function columnFactorsTasks(p: BatchNormalizationProblem): i32 {
  return stripTasks(p.columns);
}

@inline
export function givenVariance(p: BatchNormalizationProblem, at: usize): f64 {
  if (p.variance) return <f64>load<f32>(p.variance + at);
  const deviation = <f64>load<f32>(p.deviation + at);
  return deviation * deviation;
}

/** One strip of columns of the factors, for given statistics. */
export function columnFactors(p: BatchNormalizationProblem, task: i32, _: usize): void {
  const end = stripBegin(task) + stripSize(p.columns, task), step = <usize>p.columns << 2;
  for (let at = stripBegin(task); at < end; at += 4) {
    const mean = <f64>load<f32>(p.mean + at);
    const beta: f32 = p.beta ? load<f32>(p.beta + at) : 0;
    writeColumn(p.factors + at, step, mean, givenVariance(p, at), load<f32>(p.gamma + at), beta, p.epsilon);
  }
}

export function normalizeColumnsTasks(p: BatchNormalizationProblem): i32 {
  return blockTasks(countRows(p), p.columns);
}

/** One block of rows of y. */
export function normalizeColumns(p: BatchNormalizationProblem, task: i32, _: usize): void {
  const size = <usize>p.columns << 2;
  const first = blockBegin(task, countRows(p), p.columns), end = blockEnd(task, countRows(p), p.columns);
  let x = p.x + <usize>first * size, y = p.y + <usize>first * size;
  for (let row = first; row < end; row++, x += size, y += size) normalizeRow(y, x, p.factors, size);
}

function normalizeRow(y: usize, x: usize, factors: usize, size: usize): void {
  let i: usize = 0;
  for (; i + 16 <= size; i += 16) normalizeLanes<v128>(y + i, x + i, factors + i, size);
  for (; i < size; i += 4) normalizeLanes<f32>(y + i, x + i, factors + i, size);
}

@inline
function normalizeLanes<T>(y: usize, x: usize, factors: usize, step: usize): void {
  const slopes = factors + SLOPE * step;
  const d = partOfProduct<T>(differenceAt<T>(x, factors, step), slopes, step);
  storeLanes<T>(y, madd(d, loadLanes<T>(slopes), loadLanes<T>(factors + BETA * step)));
}
