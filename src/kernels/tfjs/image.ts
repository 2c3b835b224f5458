// Convolutions of images that make few channels: products would take longer to pack what windows see than to multiply it.

import type { Heap } from '../../runtime/heap.js';
import type { Pointer } from '../../runtime/pointer.js';
import { withProblem } from '../../runtime/problem.js';
import { sumColumns } from '../columnSums.js';
import type { Epilogue } from '../epilogue.js';
import { activations } from '../productProblem.js';
import type { Convolution } from './convolution.js';
import { isPointwise, positionsOf, tapsOf, type WindowFields } from './windowFields.js';

/** Channels of the output from which on a product is as fast, and terms up to which a panel of the filter stays in the cache. */
const MOST = { channels: 127, terms: 1024 };
/** An output whose rows are shorter has ragged tiles, which count where there are channels enough for a product. */
const LEAST = { columns: 9, channels: 32 };

/** Whether these kernels are to compute a convolution, and the gradient of its filter. */
export function isImage({ window, channels }: Convolution): boolean {
  const terms = tapsOf(window) * window.channels;
  const isFlat = window.kernelDepth === 1 && window.depth === 1;
  const isWide = isPointwise(window) || window.outColumns >= LEAST.columns || channels < LEAST.channels;
  return isFlat && isWide && channels <= MOST.channels && terms <= MOST.terms;
}

/** Windows of one place each are a single line of places. */
function imageOf(window: WindowFields) {
  const { batch, rows, columns, outRows, outColumns } = window;
  if (!isPointwise(window)) return { batch, rows, columns, outRows, outColumns };
  const places = batch * positionsOf(window);
  return { batch: 1, rows: 1, columns: places, outRows: 1, outColumns: places };
}

function fieldsOf({ window, channels }: Convolution) {
  const { kernelRows, kernelColumns, rowStep, columnStep, rowSpacing, columnSpacing, top, left } = window;
  return {
    ...imageOf(window),
    ...{ channels: window.channels, outChannels: channels, kernelRows, kernelColumns },
    ...{ rowStep, columnStep, rowSpacing, columnSpacing, top, left },
  };
}

/** y = filter over x. Throws OutOfMemoryError. */
export function convolveImage(
  heap: Heap,
  convolution: Convolution,
  { x, filter, y }: Record<'x' | 'filter' | 'y', Pointer>,
  { activation = 'linear', ...epilogue }: Epilogue,
): void {
  const fields = { ...fieldsOf(convolution), ...epilogue, x, filter, y, activation: activations[activation] };
  withProblem(heap, 'ImageProblem', fields, (problem) =>
    heap.withScratch(problem.call('packFilterBytes'), (packed) => {
      problem.set('packed', packed);
      problem.call('packFilter');
      problem.run('imageConvolve');
    }),
  );
}

/** dFilter from x and dY. Throws OutOfMemoryError. */
export function differentiateImageFilter(
  heap: Heap,
  convolution: Convolution,
  { x, dY, dFilter }: Record<'x' | 'dY' | 'dFilter', Pointer>,
): void {
  const columns = tapsOf(convolution.window) * convolution.window.channels * convolution.channels;
  withProblem(heap, 'ImageProblem', { ...fieldsOf(convolution), x, y: dY, filter: 0 }, (problem) => {
    const rows = problem.countTasks('imageGradient');
    heap.withScratch(4 * rows * columns, (parts) => {
      problem.set('filter', parts);
      problem.run('imageGradient');
      sumColumns(heap, { out: dFilter, x: parts, rows, columns });
    });
  });
}
