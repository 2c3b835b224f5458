/** Convolutions and poolings of volumes in float64, place by place; an image is a volume of depth 1. Channels last. */

export type Triple = [number, number, number];

/** Input [batch, ...size, channels]; `front` is the padding before the first place of each axis. */
export interface Windows {
  batch: number;
  size: Triple;
  channels: number;
  kernel: Triple;
  strides: Triple;
  spacing: Triple;
  front: Triple;
  outSize: Triple;
}

/** Calls `visit` for every tap of every window that lies in the input: positions count over the batch. */
function forEachTap(
  { batch, size, kernel, strides, spacing, front, outSize }: Windows,
  visit: (position: number, tap: number, place: number) => void,
): void {
  const range = ([a, b, c]: Triple): Triple[] =>
    Array.from({ length: a * b * c }, (_, i) => [Math.floor(i / (b * c)), Math.floor(i / c) % b, i % c]);
  const outs = range(outSize);
  const taps = range(kernel);
  for (let sample = 0; sample < batch; sample++) {
    outs.forEach((out, position) => {
      taps.forEach((tap, index) => {
        const at = out.map((o, axis) => o * strides[axis] - front[axis] + tap[axis] * spacing[axis]);
        if (at.some((x, axis) => x < 0 || x >= size[axis])) return;
        const place = ((sample * size[0] + at[0]) * size[1] + at[1]) * size[2] + at[2];
        visit(sample * outs.length + position, index, place);
      });
    });
  }
}

type Values = ArrayLike<number>;

/** A convolution with filter [taps, channels, outChannels], and its gradients from dY. */
export function convolutionOracle(windows: Windows, x: Values, filter: Values, outChannels: number, dY: Values) {
  const { channels } = windows;
  const y = new Float64Array(dY.length);
  const [dX, dFilter] = [new Float64Array(x.length), new Float64Array(filter.length)];
  forEachTap(windows, (position, tap, place) => {
    for (let c = 0; c < channels; c++) {
      for (let o = 0; o < outChannels; o++) {
        const [from, by, to] = [
          place * channels + c,
          (tap * channels + c) * outChannels + o,
          position * outChannels + o,
        ];
        y[to] += x[from] * filter[by];
        dX[from] += dY[to] * filter[by];
        dFilter[by] += dY[to] * x[from];
      }
    }
  });
  return { y, dX, dFilter };
}

/** A convolution of each channel by itself, with filter [taps, channels, multiplier], and its gradients from dY. */
export function depthwiseOracle(windows: Windows, x: Values, filter: Values, multiplier: number, dY: Values) {
  const { channels } = windows;
  const y = new Float64Array(dY.length);
  const [dX, dFilter] = [new Float64Array(x.length), new Float64Array(filter.length)];
  forEachTap(windows, (position, tap, place) => {
    for (let c = 0; c < channels; c++) {
      for (let m = 0; m < multiplier; m++) {
        const by = (tap * channels + c) * multiplier + m;
        const [from, to] = [place * channels + c, (position * channels + c) * multiplier + m];
        y[to] += x[from] * filter[by];
        dX[from] += dY[to] * filter[by];
        dFilter[by] += dY[to] * x[from];
      }
    }
  });
  return { y, dX, dFilter };
}

/** The maximum of each window and its gradient, which goes to the first of the greatest; or the mean. */
export function poolingOracle(windows: Windows, kind: 'max' | 'mean', x: Values, dY: Values) {
  const { channels } = windows;
  const y = new Float64Array(dY.length).fill(kind === 'max' ? -Infinity : 0);
  const counts = new Float64Array(dY.length);
  const chosen = new Int32Array(dY.length);
  forEachTap(windows, (position, _, place) => {
    for (let c = 0; c < channels; c++) {
      const [from, to] = [place * channels + c, position * channels + c];
      counts[to]++;
      if (kind === 'mean') y[to] += x[from];
      else if (x[from] > y[to]) [y[to], chosen[to]] = [x[from], from];
    }
  });
  const dX = new Float64Array(x.length);
  if (kind === 'max') chosen.forEach((from, to) => (dX[from] += dY[to]));
  else {
    y.forEach((sum, to) => (y[to] = sum / counts[to]));
    forEachTap(windows, (position, _, place) => {
      for (let c = 0; c < channels; c++)
        dX[place * channels + c] += dY[position * channels + c] / counts[position * channels + c];
    });
  }
  return { y, dX };
}
