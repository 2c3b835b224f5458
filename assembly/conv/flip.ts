// The filter of the gradient of a convolution's input, which is a convolution too: taps in reverse, channels swapped.

import { transpose } from '../gemm/pack';

@unmanaged
export class FlipProblem {
  /** float32 [taps, channels, outChannels] */
  filter: usize;
  /** float32 [taps, outChannels, channels] */
  flipped: usize;
  taps: i32;
  channels: i32;
  outChannels: i32;
}

export function flipFilterTasks(p: FlipProblem): i32 {
  return p.taps;
}

/** One tap. */
export function flipFilter(p: FlipProblem, task: i32, _: usize): void {
  const bytes = (<usize>p.channels * <usize>p.outChannels) << 2;
  const out = p.flipped + <usize>(p.taps - 1 - task) * bytes;
  const src = p.filter + <usize>task * bytes;
  transpose(out, <usize>p.channels << 2, src, <usize>p.outChannels << 2, p.channels, p.outChannels);
}
