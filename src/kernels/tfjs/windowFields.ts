// The geometry of tfjs's convolutions and poolings, as assembly/conv reads it.

import type { backend_util } from '@tensorflow/tfjs-core';
import type { StructValues } from '../../runtime/generated/bindings.js';

type Fields = StructValues['WindowProblem'];

/** Without the tensors. */
export type WindowFields = Omit<Fields, 'x' | 'y' | 'dX' | 'dY' | 'unfolded' | 'wholeWindows'>;

type Info = backend_util.Conv2DInfo | backend_util.Conv3DInfo;

/** Throws an Error where windows are larger than the input with its padding: tfjs-core has an output of negative size then. */
export function checkFit({
  outHeight,
  outWidth,
  effectiveFilterHeight,
  effectiveFilterWidth,
  inHeight,
  inWidth,
}: Info) {
  if (outHeight >= 0 && outWidth >= 0) return;
  throw new Error(
    `windows reach over [${effectiveFilterHeight}, ${effectiveFilterWidth}] places; ` +
      `they must lie in the input of [${inHeight}, ${inWidth}] with its padding`,
  );
}

/**
 * @param info of channels last; those of a pooling have `inChannels` of both
 * @param others the remaining fields: in one literal, since a spread takes as long as a small pooling
 */
export function windowFields(info: Info, others: Partial<Fields> = {}): Fields {
  checkFit(info);
  const deep = 'inDepth' in info;
  const { x, y, dX, dY, wholeWindows } = others;
  return {
    x,
    y,
    dX,
    dY,
    wholeWindows,
    batch: info.batchSize,
    depth: deep ? info.inDepth : 1,
    rows: info.inHeight,
    columns: info.inWidth,
    channels: info.inChannels,
    outDepth: deep ? info.outDepth : 1,
    outRows: info.outHeight,
    outColumns: info.outWidth,
    kernelDepth: deep ? info.filterDepth : 1,
    kernelRows: info.filterHeight,
    kernelColumns: info.filterWidth,
    depthStep: deep ? info.strideDepth : 1,
    rowStep: info.strideHeight,
    columnStep: info.strideWidth,
    depthSpacing: deep ? info.dilationDepth : 1,
    rowSpacing: info.dilationHeight,
    columnSpacing: info.dilationWidth,
    front: deep ? info.padInfo.front : 0,
    top: info.padInfo.top,
    left: info.padInfo.left,
  };
}

/** Positions of the output in a sample. */
export function positionsOf({ outDepth, outRows, outColumns }: WindowFields): number {
  return outDepth * outRows * outColumns;
}

/** Places of a window. */
export const tapsOf = (window: WindowFields) => window.kernelDepth * window.kernelRows * window.kernelColumns;

/** Whether each window is a step of one from the last. */
export const movesByOne = (window: WindowFields) =>
  [window.depthStep, window.rowStep, window.columnStep].every((step) => step === 1);

/** Whether each window is one place of the input, in their order. */
export function isPointwise(window: WindowFields): boolean {
  const same =
    window.depth === window.outDepth && window.rows === window.outRows && window.columns === window.outColumns;
  return same && movesByOne(window) && tapsOf(window) === 1 && window.front + window.top + window.left === 0;
}
