// Linear attention's primal side. Keys that all queries of a block see need no scores: with V's rows a 1 longer,
//
//   S = sum_j phi(k_j)^T [v_j, 1]  [D, E + 1],      sums_i += phi(q_i) S
//
// costs O(N D E), where the scores cost O(N^2 (D + E)). Causal attention takes S as a prefix sum, block by block, and
// the scores (the dual side) only for the keys near the diagonal. Gradient, with dn_i the gradient of the sums:
//
//   dphi(q_i) += dn_i S^T,   dS = sum_i phi(q_i)^T dn_i,   dphi(k_j) += [v_j, 1] dS^T,   d[v_j, 1] += phi(k_j) dS
//
// where dS of a key's prefix sums over the blocks after it.

import { transpose } from '../gemm/pack';
import { ROWS_STEP, roundUpRows, stripInterleaved } from '../gemm/tile';
import { AttentionProblem, Kernel, Side, valueColumns } from './problem';
import { BLOCK_QUERIES, multiplyKeys, paddedStep, PANEL, PANEL_STEP, panelBytes, panelStart } from './tiles';
import { endVisible } from './visibility';
import { Workspace } from './workspace';

/** Rows summed up in one go: they stay in the second-level cache while the tiles of the state pass. */
const ROWS: i32 = 256;

/** The two sides' arithmetic, in multiply-adds a head, decides. */
function usesPrimal(p: AttentionProblem, w: Workspace): bool {
  if (p.side != Side.AUTO) return p.side == Side.PRIMAL;
  // More queries than valid keys may be padding, on which no bit of a result depends.
  const queries = <f64>min(p.queries, w.count), keys = <f64>w.count;
  const state = <f64>p.headWidth * <f64>valueColumns(p), score = <f64>(p.headWidth + valueColumns(p));
  const primal = (queries + keys) * state;
  if (!p.causal) return primal < queries * keys * score;
  // Half of the scores, or those of the blocks on the diagonal beside the state.
  return primal + queries * <f64>min(BLOCK_QUERIES, w.count) * score < 0.5 * queries * keys * score;
}

/** Keys that a block of queries, the first at `position`, meets through the state: the start of a panel, or all. */
export function prefixOf(p: AttentionProblem, w: Workspace, position: i32): i32 {
  if (p.kernel != Kernel.LINEAR || !usesPrimal(p, w)) return 0;
  const seen = endVisible(p, w, position);
  return seen == w.count ? seen : panelStart(seen);
}

/** Bytes of a state [rows][columns], padded to whole tiles. */
@inline
function stateBytes(rows: i32, columns: i32): usize {
  return <usize>roundUpRows(rows) * paddedStep(columns);
}

/** The state of no keys. Heads that share their keys also share the state of all of them; a prefix starts over. */
export function clearState(p: AttentionProblem, w: Workspace): void {
  if (p.kernel != Kernel.LINEAR) return;
  w.stateKeys = 0;
  memory.fill(w.state, 0, stateBytes(p.headWidth, valueColumns(p)));
}

/** out[a][b] += sum over rows of x[row][a] y[row][b]; out padded [roundUpRows(aWidth)][bWidth]. */
function addOuterProducts(
  out: usize, x: usize, xStep: usize, aWidth: i32, y: usize, yStep: usize, bWidth: i32, rows: i32,
): void {
  const step = paddedStep(bWidth);
  for (let r = 0; r < rows; r += ROWS, x += <usize>ROWS * xStep, y += <usize>ROWS * yStep) {
    const count = min(ROWS, rows - r);
    for (let e: usize = 0; e < step; e += PANEL_STEP) {
      stripInterleaved(aWidth, count, x, xStep, ROWS_STEP, y + e, yStep, out + e, step, out + e, step);
    }
  }
}

/** Adds the keys up to `keys` to the state. */
export function advanceState(p: AttentionProblem, w: Workspace, keys: i32): void {
  const from = <usize>w.stateKeys;
  addOuterProducts(
    w.state, w.keyRows + from * w.keyStep, w.keyStep, p.headWidth,
    w.valueRows + from * w.valueStep, w.valueStep, valueColumns(p), keys - w.stateKeys,
  );
  w.stateKeys = keys;
}

/** out += matrix^T panel for each panel of `rows` queries; panels [depth][query], matrix [depth][width]. */
function addPanelProducts(out: usize, panels: usize, rows: i32, depth: i32, matrix: usize, width: i32): void {
  for (let i = 0; i < rows; i += PANEL, out += panelBytes(width), panels += <usize>depth * PANEL_STEP) {
    stripInterleaved(
      width, depth, matrix, paddedStep(width), ROWS_STEP, panels, PANEL_STEP, out, PANEL_STEP, out, PANEL_STEP,
    );
  }
}

/** sums += S^T phi(Q) for a block of queries. */
export function addStateProducts(p: AttentionProblem, w: Workspace, rows: i32): void {
  addPanelProducts(w.sums, w.queriesPacked, rows, p.headWidth, w.state, valueColumns(p));
}

/** dQ^T += S dn for a block of queries, dn packed in w.dOutPacked. */
export function addStateGradients(p: AttentionProblem, w: Workspace, rows: i32): void {
  transpose(w.stateTransposed, paddedStep(p.headWidth), w.state, paddedStep(valueColumns(p)), p.headWidth, valueColumns(p));
  addPanelProducts(w.dQuerySums, w.dOutPacked, rows, valueColumns(p), w.stateTransposed, p.headWidth);
}

export function clearStateGradient(p: AttentionProblem, w: Workspace): void {
  memory.fill(w.dState, 0, stateBytes(p.headWidth, valueColumns(p)));
}

/** dS += phi(Q)^T dn for a block of queries. */
export function addToStateGradient(p: AttentionProblem, w: Workspace, rows: i32): void {
  addOuterProducts(w.dState, w.queryRows, w.queryStep, p.headWidth, w.dOutRows, w.dOutStep, valueColumns(p), rows);
}

/** The part of dK and dV that flows through the state, for keys from `begin` to `end`, which start panels or are none. */
export function addStateToKeys(p: AttentionProblem, w: Workspace, begin: i32, end: i32): void {
  if (begin >= end) return;
  const width = valueColumns(p);
  transpose(w.stateTransposed, paddedStep(p.headWidth), w.dState, paddedStep(width), p.headWidth, width);
  addRowProducts(w.dKey, w.valuesPacked, begin, end, width, w.stateTransposed, p.headWidth);
  addRowProducts(w.dValue, w.keysPacked, begin, end, p.headWidth, w.dState, width);
}

/** out[j] += row j . matrix for packed rows begin .. end - 1 with `depth` terms; out padded. */
function addRowProducts(out: usize, packed: usize, begin: i32, end: i32, depth: i32, matrix: usize, width: i32): void {
  const step = paddedStep(width);
  out += <usize>begin * step;
  for (let e: usize = 0; e < step; e += PANEL_STEP) {
    multiplyKeys(begin, end, depth, packed, matrix + e, step, out + e, step, out + e, step);
  }
}
