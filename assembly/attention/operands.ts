// From rows on the heap to the operands of the products, and back for their gradients:
//
//   keys:     pool windows of positions (Attention-SH), normalise (Attention-BN), map (linear attention), pack
//   values:   pool windows of positions, append a 1 (linear attention), pack
//   queries:  normalise, map, pack
//
// Rows that none of this changes are used where they are.

import { packRightPanels, padRows, rightPanelsCount, transpose } from '../gemm/pack';
import { mapFeatures, unmapFeatures } from './features';
import { betaGradient, denormalizeKeys, denormalizeQueries, measureKeys, normalizeRows, sumGradients } from './normalization';
import { poolRows, spreadRows } from './pooling';
import { AttentionProblem, entry, headOf, isMapped, Kernel, valueColumns } from './problem';
import {
  fitPacked, isCalm, isCalmScale, keyShift, keyShiftOf, keysCalm, measureRows, normalRows, summedShiftOf,
  valuesCalm, valueShiftOf,
} from './sizes';
import { clearUnseeing } from './selection';
import {
  isStrip, keyPanelsCount, packKeys, paddedStep, PANEL, PANEL_STEP, panelBytes, panelsBytes, rightOperand, roundUpTile,
} from './tiles';
import { scoreShift, takeQueryShift, unshift } from './shifts';
import { Workspace } from './workspace';

/** Where the rows of sample b, key/value head g will be or are, once `prepareKeys` has run. */
export function locateKeys(p: AttentionProblem, w: Workspace, b: i32, g: i32): void {
  w.length = entry(p.keyLengths, b);
  w.headScale = entry(p.headScales, g);
  w.count = (w.length + w.headScale - 1) / w.headScale;
  w.rows = p.pooled ? w.count : w.length;
  w.rowScale = p.pooled ? 1 : w.headScale;
  w.keyRows = w.keyCopy;
  w.keyStep = paddedStep(p.headWidth);
  if (p.kernel == Kernel.LINEAR && p.batchNorm && p.backward) {
    // The gradient of the normalisation needs the rows before the map too.
    w.keyRows = w.featureCopy;
  } else if (w.rowScale == 1 && !isMapped(p) && (!p.backward || isStrip(p.headWidth, p.kRow << 2))) {
    // The forward pass only packs them.
    w.keyRows = headOf(p.k, b, p.kBatch, g, p.kHead);
    w.keyStep = p.kRow << 2;
  }
  w.valueRows = w.valueCopy;
  w.valueStep = paddedStep(valueColumns(p));
  if (w.rowScale == 1 && p.kernel != Kernel.LINEAR && (p.backward || isStrip(p.valueWidth, p.vRow << 2))) {
    // The backward pass only packs them.
    w.valueRows = headOf(p.v, b, p.vBatch, g, p.vHead);
    w.valueStep = p.vRow << 2;
  }
}

/** Prepares keys and values of sample b, key/value head g, for all tasks that use them. */
export function prepareKeys(p: AttentionProblem, w: Workspace, b: i32, g: i32): void {
  locateKeys(p, w, b, g);
  prepareKeyRows(p, w, headOf(p.k, b, p.kBatch, g, p.kHead));
  const ofKeys = packKeys(w.keysPacked, w.keyRows, w.count, p.headWidth, w.keyStep);
  // From here on, copies of values may be where copies of keys were.
  const shiftOfRows = prepareValueRows(p, w, headOf(p.v, b, p.vBatch, g, p.vHead));
  const width = valueColumns(p);
  const ofValues = p.backward
    ? packKeys(w.valuesPacked, w.valueRows, w.count, width, w.valueStep)
    : measureRows(w.valueRows, w.count, width, w.valueStep);
  const calmKeys = isCalm(ofKeys), calmValues = isCalm(ofValues);
  // What is mapped is not linear in the rows. Values of linear attention have their shift already, for the sake of the 1.
  const shiftOfKeys = isMapped(p) ? 0 : keyShiftOf(ofKeys);
  let shiftOfRest = 0;
  if (p.kernel != Kernel.LINEAR) shiftOfRest = p.backward ? valueShiftOf(ofValues) : summedShiftOf(ofValues);
  const shiftOfValues = shiftOfRows + shiftOfRest;
  fitPacked(w.keysPacked, keyPanelsCount(w.count, p.headWidth), ofKeys, shiftOfKeys, !calmKeys);
  if (p.backward) fitPacked(w.valuesPacked, keyPanelsCount(w.count, width), ofValues, shiftOfRest, !calmValues);
  store<i32>(w.calm, calmKeys);
  store<i32>(w.calm, calmValues, 4);
  // The forward pass only packs keys, the backward one only packs values.
  const keys = w.keyRows, values = w.valueRows;
  const keyCopy = isKeySource(p, w, b, g) ? w.keyCopy : keys, valueCopy = isValueSource(p, w, b, g) ? w.valueCopy : values;
  if (p.backward) w.keyRows = normalRows(keyCopy, keys, w.count, p.headWidth, w.keyStep, ofKeys, shiftOfKeys, !calmKeys);
  else w.valueRows = normalRows(valueCopy, values, w.count, width, w.valueStep, ofValues, shiftOfRest, !calmValues);
  store<i32>(w.calm, w.keyRows != keys, 8);
  store<i32>(w.calm, w.valueRows != values, 12);
  store<i32>(w.calm, shiftOfKeys, 16);
  store<i32>(w.calm, shiftOfValues, 20);
}

/** Whether the products read the keys of sample b, head g where they lie on the heap. */
@inline
function isKeySource(p: AttentionProblem, w: Workspace, b: i32, g: i32): bool {
  return w.keyRows == headOf(p.k, b, p.kBatch, g, p.kHead);
}

@inline
function isValueSource(p: AttentionProblem, w: Workspace, b: i32, g: i32): bool {
  return w.valueRows == headOf(p.v, b, p.vBatch, g, p.vHead);
}

/** Keys and values of sample b, key/value head g, for one task: prepared by itself, or before it for all that share them. */
export function takeKeys(p: AttentionProblem, w: Workspace, b: i32, g: i32): void {
  if (p.chunks == 1) {
    prepareKeys(p, w, b, g);
    return;
  }
  locateKeys(p, w, b, g);
  if (load<i32>(w.calm, 8)) w.keyRows = w.keyCopy;
  if (load<i32>(w.calm, 12)) w.valueRows = w.valueCopy;
}

/** Sets the sums of the keys' gradients to 0. */
export function clearSums(p: AttentionProblem, w: Workspace): void {
  memory.fill(w.dKey, 0, <usize>w.count * paddedStep(p.headWidth));
  memory.fill(w.dValue, 0, <usize>w.count * paddedStep(valueColumns(p)));
  memory.fill(w.gradientSum, 0, 2 * paddedStep(p.headWidth));
  memory.fill(w.gradientProduct, 0, 2 * paddedStep(p.headWidth));
}

function prepareKeyRows(p: AttentionProblem, w: Workspace, keys: usize): void {
  if (w.keyRows == keys) return;
  poolKeys(p, w, keys);
  if (p.batchNorm) {
    measureKeys(p, w, w.keyCopy);
    normalizeRows(p, w, w.keyCopy, w.count);
  }
  if (p.kernel == Kernel.LINEAR) mapFeatures(w.keyRows, w.keyCopy, <usize>w.count * w.keyStep, w.constants);
}

/** Keys into w.keyCopy, averaged. */
function poolKeys(p: AttentionProblem, w: Workspace, keys: usize): void {
  poolRows(w.keyCopy, paddedStep(p.headWidth), keys, p.kRow << 2, w.rows, w.rowScale, p.headWidth);
}

/** Returns the shift of the rows, which only those of linear attention take here: all but their last column, of ones. */
function prepareValueRows(p: AttentionProblem, w: Workspace, values: usize): i32 {
  if (w.valueRows == values) return 0;
  poolRows(w.valueCopy, w.valueStep, values, p.vRow << 2, w.rows, w.rowScale, p.valueWidth);
  if (p.kernel != Kernel.LINEAR) return 0;
  const sizes = measureRows(w.valueCopy, w.count, p.valueWidth, w.valueStep), shift = valueShiftOf(sizes);
  normalRows(w.valueCopy, w.valueCopy, w.count, valueColumns(p), w.valueStep, sizes, shift, !isCalm(sizes));
  let one = w.valueCopy + (<usize>p.valueWidth << 2);
  for (let j = 0; j < w.count; j++, one += w.valueStep) store<f32>(one, 1);
  return shift;
}

/** Gradients of the head's keys and values, from w.dKey and w.dValue to dK and dV. */
export function finishKeys(p: AttentionProblem, w: Workspace, b: i32, g: i32): void {
  const step = paddedStep(p.headWidth);
  if (p.kernel == Kernel.LINEAR) unmapFeatures(w.dKey, w.keyRows, <usize>w.count * step);
  if (p.batchNorm) {
    sumGradients(p, w, w.keyCopy, w.dKey, w.count);
    poolKeys(p, w, headOf(p.k, b, p.kBatch, g, p.kHead));
    denormalizeKeys(p, w, w.keyCopy, w.dKey);
    if (p.dBeta) store<f32>(p.dBeta + (<usize>(b * p.keyHeads + g) << 2), betaGradient(p, w));
  }
  spreadRows(
    headOf(p.dK, b, p.kBatch, g, p.kHead), p.kRow << 2, w.dKey, step, w.rows, w.rowScale, p.headWidth, p.keys,
  );
  spreadRows(
    headOf(p.dV, b, p.vBatch, g, p.vHead), p.vRow << 2, w.dValue, paddedStep(valueColumns(p)),
    w.rows, w.rowScale, p.valueWidth, p.keys,
  );
}

/** `rows` queries of head h from firstQuery on, packed; for the backward pass also as rows of a right operand. */
export function prepareQueries(p: AttentionProblem, w: Workspace, b: i32, h: i32, firstQuery: i32, rows: i32): void {
  const step = p.qRow << 2;
  const queries = headOf(p.q, b, p.qBatch, h, p.qHead) + <usize>firstQuery * step;
  w.queryStep = paddedStep(p.headWidth);
  if (isMapped(p)) {
    w.queryRows = w.queryCopy;
    copyNormalized(p, w, queries, rows);
    if (p.kernel == Kernel.LINEAR) mapFeatures(w.queryCopy, w.queryCopy, <usize>rows * w.queryStep, w.constants);
  } else if (p.backward) {
    w.queryRows = rightOperand(w.queryCopy, queries, rows, p.headWidth, step);
  } else {
    w.queryRows = queries;
    w.queryStep = step;
  }
  const sizes = packRightPanels(w.queriesPacked, w.queryRows, rows, p.headWidth, w.queryStep, 4);
  // The scores are those of the keys without their shift.
  fitPacked(w.queriesPacked, rightPanelsCount(rows, p.headWidth), sizes, -keyShift(w), !keysCalm(w));
  w.queriesCalm = isCalm(sizes);
  w.selects = !(w.queriesCalm && keysCalm(w) && valuesCalm(w) && isCalmScale(p.scale));
  if (p.backward) {
    const shift = takeQueryShift(p, w, isMapped(p) ? 0 : keyShiftOf(sizes), sizes);
    w.queryRows = normalRows(w.queryCopy, w.queryRows, rows, p.headWidth, w.queryStep, sizes, shift, !w.queriesCalm);
  }
  if (p.scale > 0) return;
  // The sign of the scale, so that the maximum of the products is that of the scores.
  const end = w.queriesPacked + ((<usize>roundUpTile(rows) * <usize>p.headWidth) << 2);
  for (let x = w.queriesPacked; x != end; x += 16) v128.store(x, f32x4.neg(v128.load(x)));
}

/** Queries into w.queryCopy, normalised if they are to be. */
function copyNormalized(p: AttentionProblem, w: Workspace, queries: usize, rows: i32): void {
  padRows(w.queryCopy, queries, rows, p.headWidth, p.qRow << 2);
  if (p.batchNorm) normalizeRows(p, w, w.queryCopy, rows);
}

/** Rows of dQ from w.dQuerySums. */
function transposeGradients(p: AttentionProblem, w: Workspace, out: usize, step: usize, rows: i32): void {
  let sums = w.dQuerySums;
  for (let i = 0; i < rows; i += PANEL, sums += panelBytes(p.headWidth)) {
    transpose(out + <usize>i * step, step, sums, PANEL_STEP, p.headWidth, min(PANEL, rows - i));
  }
}

/** Gradient of a block of queries, from w.dQuerySums to dQ. */
export function finishQueries(p: AttentionProblem, w: Workspace, b: i32, h: i32, firstQuery: i32, rows: i32): void {
  const offset = <usize>firstQuery * (p.qRow << 2);
  unshift(w.dQuerySums, panelsBytes(rows, p.headWidth), scoreShift(w) + keyShift(w));
  const out = headOf(p.dQ, b, p.qBatch, h, p.qHead) + offset;
  if (!isMapped(p)) {
    transposeGradients(p, w, out, p.qRow << 2, rows);
    return;
  }
  const step = paddedStep(p.headWidth);
  transposeGradients(p, w, w.dQuery, step, rows);
  if (p.kernel == Kernel.LINEAR) unmapFeatures(w.dQuery, w.queryRows, <usize>rows * step);
  if (p.batchNorm) {
    // The map has taken the place of the normalised rows.
    if (p.kernel == Kernel.LINEAR) copyNormalized(p, w, headOf(p.q, b, p.qBatch, h, p.qHead) + offset, rows);
    if (w.selects) clearUnseeing(w, w.queryCopy, step, rows);
    denormalizeQueries(p, w, w.queryCopy, w.dQuery, rows);
  }
  spreadRows(out, p.qRow << 2, w.dQuery, step, rows, 1, p.headWidth, rows);
}
