// What layers compute, as steps of a plan: the counterpart of src/ops, whose kernels it runs. A path is a layer's own in the
// names of its weights.

import { attentionValues, type Rows } from '../kernels/attentionProblem.js';
import type { OperandView } from '../kernels/attention.js';
import { pooledCount } from '../kernels/pooledCount.js';
import { type ActivationName, productFields } from '../kernels/productProblem.js';
import { normalizationEpsilons } from '../layers/normalizationEpsilons.js';
import { type HeadsLayout, type HeadsOptions, headsRuns } from '../ops/headsRuns.js';
import { FACTOR_ROWS, ROW_MOMENTS } from '../runtime/generated/bindings.js';
import type { Constants } from './constants.js';
import { Lengths } from './lengths.js';
import type { Place } from './place.js';
import type { Recorder } from './recorder.js';
import type { Precision } from './types.js';

export type NormalizationKind = keyof typeof normalizationEpsilons;

/** Terms and columns from which on a product of bytes saves more than quantising costs. */
const LEAST_QUANTIZED = 32;
/** Terms whose products of bytes add up to less than 2^31. */
const MOST_TERMS = 2 ** 17;

/** Whether a product with a weight [depth, columns] is one of bytes. It does not depend on the batch. */
function isQuantized(depth: number, columns: number): boolean {
  return depth >= LEAST_QUANTIZED && columns >= LEAST_QUANTIZED && depth <= MOST_TERMS;
}

export class PlanOps {
  private readonly full = new Map<string, Lengths>();
  /** Rows as bytes, by what they were made of. */
  private readonly quantized = new Map<Place, Place>();
  private sizing: number | undefined;

  constructor(
    readonly recorder: Recorder,
    readonly constants: Constants,
    readonly batch: number,
    private readonly precision: Precision,
    /** Positions of the model's input that the plan leaves out, behind all that it has. */
    readonly missing = 0,
  ) {}

  /** Lengths of sequences without padding; `samples` of them, by default one a case. */
  fullLengths(positions: number, samples = this.batch): Lengths {
    const key = `${samples} ${positions}`;
    let lengths = this.full.get(key);
    if (!lengths) this.full.set(key, (lengths = new Lengths(this.recorder, samples, positions)));
    return lengths;
  }

  /** activation(x W + b) over the last axis, of which `depth` first numbers count; no b without `useBias`. */
  linear(
    x: Place,
    path: string,
    {
      activation = 'linear',
      useBias = true,
      depth = x.shape.at(-1)!,
    }: { activation?: ActivationName; useBias?: boolean; depth?: number } = {},
  ): Place {
    const { weights } = this.constants;
    const [, columns] = weights.shape(`${path}/kernel`, [depth, null]);
    const operandDepth = x.shape.at(-1)!;
    const rows = x.size / operandDepth;
    const c = this.recorder.place([...x.shape.slice(0, -1), columns]);
    const bias = useBias ? this.constants.weight(`${path}/bias`, [columns]) : undefined;
    if (this.precision === 'int8' && isQuantized(depth, columns)) {
      const packed = this.constants.bytesOperand(`${path}/kernel`, bias);
      const values = productFields({ a: this.quantize(x, depth), b: 0, c, rows, columns, depth, activation });
      this.recorder.run('byteProduct', { ...values, packed, dots: this.constants.byteDots });
      return c;
    }
    if (this.precision === 'int8') {
      // One product for each row: how larger ones are rounded depends on the other rows, and so on the batch.
      const b = this.constants.weight(`${path}/kernel`);
      const [aOffsets, bOffsets] = [operandDepth, 0].map((step) =>
        Array.from({ length: rows }, (_, row) => row * step),
      );
      const values = { a: x, b, c, rows: 1, columns, depth, aOffsets, bOffsets, bias, activation };
      this.recorder.run('product', productFields(values));
      return c;
    }
    const { packed, place } = this.constants.rightOperand(`${path}/kernel`, rows);
    const values = productFields({
      ...{ a: x, b: packed ? 0 : place, c, rows, columns, depth, operandDepth, bias, activation },
    });
    this.recorder.run('product', { ...values, packed: packed ? place : undefined });
    return c;
  }

  /** The `depth` first numbers of each row as bytes, once for all products that take them. */
  private quantize(x: Place, depth: number): Place {
    const found = this.quantized.get(x);
    if (found) return found;
    const xRow = x.shape.at(-1)!;
    const problem = this.recorder.problem('QuantizeProblem', { x, out: 0, rows: x.size / xRow, depth, xRow });
    const out = this.recorder.place([problem.call('quantizedBytes') / 4]);
    problem.set('out', out);
    problem.run('quantizeRows');
    this.quantized.set(x, out);
    return out;
  }

  /** x + y */
  add(x: Place, y: Place): Place {
    const out = this.recorder.place(x.shape);
    this.recorder.run('blend', { x, y, out, count: x.size, a: 1, b: 1 });
    return out;
  }

  gelu(x: Place): Place {
    const out = this.recorder.place(x.shape);
    this.recorder.run('gelu', { x, out, count: x.size, approximate: 0 });
    return out;
  }

  /** scale x + positions; x [B, N, C], positions [N, C] or more of them. */
  addPositions(x: Place, positions: Place, scale: number): Place {
    const y = this.recorder.place(x.shape);
    const [batch] = x.shape;
    this.recorder.run('addPositions', { x, positions, y, batch, size: x.size / batch, scale });
    return y;
  }

  /** Normalisation as the layers have it for inference. */
  normalize(kind: NormalizationKind, x: Place, path: string, epsilon: number = normalizationEpsilons[kind]): Place {
    const { recorder, constants } = this;
    const y = recorder.place(x.shape);
    const columns = x.shape.at(-1)!;
    const weight = (name: string) => constants.weight(`${path}/${name}`, [columns]);
    const gamma = weight('gamma');
    if (kind === 'batch') {
      const [batch, positions] = x.shape;
      const own = { beta: weight('beta'), mean: weight('moving_mean'), variance: weight('moving_variance') };
      const factors = recorder.place([FACTOR_ROWS, columns]);
      const values = { x, y, gamma, ...own, factors, lengths: 0, batch, positions, columns, epsilon };
      recorder.run('columnFactors', values);
      recorder.run('normalizeColumns', values);
      return y;
    }
    const rows = x.size / columns;
    const centered = Number(kind === 'layer');
    const beta = centered ? weight('beta') : undefined;
    const statistics = recorder.place([rows, ROW_MOMENTS]);
    recorder.run('layerNormalization', { x, y, gamma, beta, statistics, rows, columns, centered, epsilon });
    return y;
  }

  /** Single numbers of x, by index, as an array of a shape. */
  select(x: Place, indices: readonly number[], shape: number[]): Place {
    return this.gather(x.reshaped([x.size, 1]), this.recorder.table(indices)).reshaped(shape);
  }

  /** Each channel less its mean over the positions, divided by its deviation: x [B, N, C]. */
  normalizeChannels(x: Place, epsilon: number): Place {
    const { recorder, constants } = this;
    const [batch, positions, channels] = x.shape;
    const rows = batch * channels;
    const at = (b: number, t: number, c: number) => (b * positions + t) * channels + c;
    const inRows = Array.from({ length: x.size }, (_, i) => {
      const row = Math.floor(i / positions);
      return at(Math.floor(row / channels), i % positions, row % channels);
    });
    const back = new Int32Array(x.size);
    inRows.forEach((from, to) => (back[from] = to));
    const series = this.select(x, inRows, [rows, positions]);
    const y = recorder.place([rows, positions]);
    const gamma = constants.array(`ones ${positions}`, [positions], () => new Float32Array(positions).fill(1));
    const sizes = { rows, columns: positions, centered: 1, epsilon };
    recorder.run('layerNormalization', {
      x: series,
      y,
      gamma,
      statistics: recorder.place([rows, ROW_MOMENTS]),
      ...sizes,
    });
    return this.select(y, [...back], x.shape);
  }

  /** Positions averaged over windows of `scale`, behind `unpooled` ones that stay: [B, N, C] to [B, pooledCount(N), C]. */
  pool(x: Place, scale: number, lengths: Lengths, unpooled = 0): Place {
    const [batch, positions, width] = x.shape;
    const outPositions = pooledCount(positions, scale, unpooled);
    const out = this.recorder.place([batch, outPositions, width]);
    const sizes = { batch, positions, outPositions, scale, unpooled, width };
    this.recorder.run('poolPositions', { x, out, lengths: lengths.place, ...sizes });
    return out;
  }

  /** The mean of the valid positions: [B, N, C] to [B, C]. */
  average(x: Place, lengths: Lengths): Place {
    const [batch, positions, width] = x.shape;
    return this.pool(x, positions, lengths).reshaped([batch, width]);
  }

  /** Position 0: [B, N, C] to [B, C]. */
  first(x: Place): Place {
    const [batch, positions, width] = x.shape;
    const out = this.recorder.place([batch, width]);
    // What is left of a sequence of one position.
    const sizes = { batch, positions, outPositions: 1, scale: 1, unpooled: 1, width };
    this.recorder.run('poolPositions', { x, out, lengths: this.fullLengths(1, batch).place, ...sizes });
    return out;
  }

  /** [B, N, C] to [B, N C], where positions that the plan leaves out are 0. */
  flatten(x: Place): Place {
    const { missing } = this;
    const [batch, positions, width] = x.shape;
    if (missing === 0 || width === undefined) return x.reshaped([batch, x.size / batch]);
    const outPositions = positions + missing;
    const out = this.recorder.place([batch, outPositions * width]);
    const sizes = { batch, positions, outPositions, scale: 1, unpooled: positions, width };
    this.recorder.run('poolPositions', { x, out, lengths: this.fullLengths(positions, batch).place, ...sizes });
    return out;
  }

  /** Padding set to 0. */
  maskPositions(x: Place, lengths: Lengths): Place {
    const [batch, positions, columns] = x.shape;
    const y = this.recorder.place(x.shape);
    this.recorder.run('maskPositions', { x, y, lengths: lengths.place, batch, positions, columns });
    return y;
  }

  /** Rows of a table [V, C] by index: [...S] to [...S, C]. */
  gather(table: Place, indices: Place): Place {
    const [count, width] = table.shape;
    const rowValues = this.recorder.place([...indices.shape, width]);
    this.recorder.run('gatherRows', { rowValues, table, indices, rows: indices.size, count, width });
    return rowValues;
  }

  /** A row [C] in front of each sequence: [B, N, C] to [B, N + 1, C]. */
  prepend(row: Place, x: Place): Place {
    const [batch, positions, width] = x.shape;
    const out = this.recorder.place([batch, positions + 1, width]);
    const copy = (table: Place, element: number, indices: Place) => {
      const rowValues = out.from(element, [indices.size, width]);
      const sizes = { rows: indices.size, count: indices.size, width };
      this.recorder.run('gatherRows', { rowValues, table, indices, ...sizes });
    };
    const [first, all] = [[0], Array.from({ length: positions }, (_, i) => i)].map((list) => this.recorder.table(list));
    for (let b = 0; b < batch; b++) {
      const start = b * (positions + 1) * width;
      copy(row, start, first);
      copy(x.from(b * positions * width, [positions, width]), start + width, all);
    }
    return out;
  }

  /**
   * Attention over heads side by side, see headsAttention. Where heads of values are as wide as those of queries, its output
   * takes the place of these: what it gives are the first columns of an array, which may have more.
   *
   * @param beta that of Attention-BN, where it was trained
   */
  attention(
    projected: readonly Place[],
    layout: HeadsLayout,
    options: HeadsOptions,
    lengths: Lengths,
    beta?: number,
  ): Place {
    const { recorder } = this;
    const shapes = projected.map(({ shape }) => shape);
    const { operands, runs, shape } = headsRuns(shapes, layout, options);
    const queries = runs[0].q.input;
    const inPlace =
      layout.headWidth === layout.valueWidth &&
      runs.every(({ q, out }) => q.input === queries && q.offset === out.offset);
    const out = inPlace ? projected[operands.indexOf(queries)] : recorder.place(shape);
    const rowsOf = ({ input, offset, strides }: OperandView): Rows => {
      const place = projected[operands.indexOf(input)];
      return { address: place.from(offset, place.shape), strides };
    };
    runs.forEach(({ sizes, q, k, v, out: view, fields }, index) => {
      const { scale } = layout.groups[index];
      const { unpooled = 0 } = layout;
      const mixed = scale > 1 && unpooled > 0;
      const values = attentionValues(
        {
          ...{ sizes, q: rowsOf(q), k: rowsOf(k), v: rowsOf(v), mask: undefined, beta: undefined },
          out: inPlace ? rowsOf(q) : { address: out.from(view.offset, shape), strides: view.strides },
          rowStates: recorder.place([2, sizes.batch, sizes.heads, sizes.queries]),
        },
        { ...fields, keyLengths: mixed ? lengths.pooled(scale, unpooled) : lengths.place },
        // Tasks that share a head need room for its keys.
        recorder.threads > 1 ? undefined : 1,
      );
      const problem = recorder.problem('AttentionProblem', {
        ...{ ...values, sizing: this.sizing ?? 0 },
        ...(beta !== undefined && { beta }),
      });
      if (this.sizing === undefined) {
        this.sizing = recorder.memory.reserve(problem.call('attentionWorkspaceBytes'));
        problem.set('sizing', this.sizing);
      }
      const shared = problem.call('attentionSharedBytes');
      if (shared > 0) problem.set('shared', recorder.place([shared / 4]));
      problem.run('attentionKeys');
      problem.run('attentionForward');
    });
    return out;
  }
}
