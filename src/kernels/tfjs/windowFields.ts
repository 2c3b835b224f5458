// The geometry of tfjs's convolutions and poolings, as assembly/conv reads it.

import type { backend_util } from '@tensorflow/tfjs-core';
import type { StructValues } from '../../runtime/generated/bindings.js';

/** Without the tensors. */
export type WindowFields = Omit<StructValues['WindowProblem'], 'x' | 'y' | 'dX' | 'dY' | 'unfolded' | 'wholeWindows'>;

type Info = backend_util.Conv2DInfo | backend_util.Conv3DInfo;

/** @param info of channels last; those of a pooling have `inChannels` of both. */
export function windowFields(info: Info): WindowFields {
  const deep = 'inDepth' in info;
  return {
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
