import type { MultiHeadAttention } from '../layers/multiHeadAttention.js';

/** Positions [from, to) that a key stands for. */
export type KeySpan = readonly [from: number, to: number];

/**
 * The keys of each head, which Attention-SH averages over windows.
 *
 * @param attention a layer
 * @param length valid positions of a case
 * @returns for each head the positions of its valid keys
 */
export function keySpans(attention: MultiHeadAttention, length: number): KeySpan[][] {
  const { headScales, unpooled } = attention;
  return headScales.map((scale) => {
    const spans: KeySpan[] = [];
    for (let from = 0; from < length;) {
      const to = from < unpooled ? from + 1 : Math.min(from + scale, length);
      spans.push([from, to]);
      from = to;
    }
    return spans;
  });
}
