// What of a model stays the same from case to case, in the memory of its plans: weights, once each, whichever plans use them.

import { productFields } from '../kernels/productProblem.js';
import { BLOCK_TERMS } from '../runtime/generated/bindings.js';
import type { ByteDots } from './generated/bindings.js';
import { Place, roomAt } from './place.js';
import type { PlanKernels } from './planKernels.js';
import type { PlanMemory } from './planMemory.js';
import { Recorder } from './recorder.js';
import type { Weights } from './weights.js';

/** One of ByteDots. */
type ByteDotsKind = (typeof ByteDots)[keyof typeof ByteDots];

/** The right operand of a product. */
export interface RightOperand {
  /** In panels, for `packed`; else as it is. */
  packed: boolean;
  place: Place;
}

export class Constants {
  private readonly places = new Map<string, Place>();
  private dots: ByteDotsKind | undefined;

  constructor(
    private readonly kernels: PlanKernels,
    private readonly memory: PlanMemory,
    readonly weights: Weights,
  ) {}

  /** What `make` gives, made once for all calls with the name. */
  private once(name: string, make: () => Place): Place {
    let place = this.places.get(name);
    if (!place) this.places.set(name, (place = make()));
    return place;
  }

  private reserve(shape: number[], bytes: number): Place {
    return new Place(shape, roomAt(this.memory.reserve(bytes, 64), bytes));
  }

  /** A weight as it is; `must` as in Weights. */
  weight(name: string, must?: readonly (number | null)[]): Place {
    const shape = this.weights.shape(name, must);
    return this.once(name, () => {
      const count = shape.reduce((a, b) => a * b, 1);
      const place = this.reserve(shape, 4 * count);
      this.weights.read(name, this.floats(place.address(0), count));
      return place;
    });
  }

  /** A weight's only number. */
  number(name: string): number {
    const value = new Float32Array(1);
    this.weights.read(name, value);
    return value[0];
  }

  /** An array that `make` computes, by a name of its own. */
  array(name: string, shape: number[], make: () => Float32Array): Place {
    return this.once(`= ${name}`, () => {
      const values = make();
      const place = this.reserve(shape, 4 * values.length);
      this.floats(place.address(0), values.length).set(values);
      return place;
    });
  }

  private floats(address: number, count: number): Float32Array {
    return this.memory.view.floats.subarray(address >>> 2, (address >>> 2) + count);
  }

  /**
   * A kernel [C, U] as the right operand of a product with `rows` rows. Products of a few rows read it as it is, unless it is
   * packed for others already: it is in memory once, then.
   */
  rightOperand(name: string, rows: number): RightOperand {
    const [depth, columns] = this.weights.shape(name);
    const inPanels = `${name} in panels`;
    const packed = this.places.get(inPanels);
    if (packed) return { packed: true, place: packed };
    // Of no plan: it is only asked, and packs now.
    const recorder = new Recorder(this.kernels, this.memory);
    const values = productFields({ a: 0, b: 0, c: 0, rows, columns, depth });
    const bytes = recorder.problem('ProductProblem', values).call('packRightBytes');
    if (bytes === 0) return { packed: false, place: this.weight(name) };
    return { packed: true, place: this.once(inPanels, () => this.pack(name, recorder, values, bytes)) };
  }

  private pack(name: string, recorder: Recorder, values: ReturnType<typeof productFields>, bytes: number): Place {
    const { depth, columns } = values;
    const packed = this.reserve([bytes / 4], bytes);
    const problem = recorder.problem('ProductProblem', { ...values, packed });
    const tasks = problem.countTasks('packRight') / Math.ceil(depth / BLOCK_TERMS);
    for (const { block, first, staged } of this.blocks(name)) {
      // The kernel adds to it where the block lies in the whole.
      problem.set('b', staged.from(-first * columns, staged.shape));
      for (let task = block * tasks; task < (block + 1) * tasks; task++) problem.runNow('packRight', task);
    }
    return packed;
  }

  /** A kernel [C, U] by blocks of terms, each where the one before was: so it needs little room beside what is made of it. */
  private *blocks(name: string) {
    const [depth, columns] = this.weights.shape(name);
    for (let first = 0, block = 0; first < depth; first += BLOCK_TERMS, block++) {
      const terms = Math.min(BLOCK_TERMS, depth - first);
      const count = terms * columns;
      const address = this.memory.stage(4 * count);
      this.weights.read(name, this.floats(address, count), first * columns);
      yield { block, first, staged: new Place([terms, columns], roomAt(address, 4 * count)) };
    }
  }

  /** A kernel [C, U] with its bias as the right operand of a product of bytes. */
  bytesOperand(name: string, bias?: Place): Place {
    return this.once(`${name} as bytes`, () => {
      const [depth, columns] = this.weights.shape(name);
      const recorder = new Recorder(this.kernels, this.memory);
      const values = { ...{ b: 0, out: 0, bias, columns, depth }, ...{ first: 0, terms: 0 } };
      const problem = recorder.problem('QuantizeColumnsProblem', values);
      const bytes = problem.call('quantizedColumnsBytes');
      const out = this.reserve([bytes / 4], bytes);
      problem.set('out', out);
      this.floats(out.address(0), bytes / 4).fill(0);
      for (const kernel of ['measureColumns', 'quantizeColumns'] as const) {
        for (const { first, staged } of this.blocks(name)) {
          problem.set('b', staged);
          problem.set('first', first);
          problem.set('terms', staged.shape[0]);
          for (let task = 0; task < problem.countTasks(kernel); task++) problem.runNow(kernel, task);
        }
      }
      return out;
    });
  }

  /** How products of bytes are computed. */
  get byteDots(): ByteDotsKind {
    if (this.dots === undefined) {
      const values = productFields({ a: 0, b: 0, c: 0, rows: 0, columns: 0, depth: 0 });
      const problem = new Recorder(this.kernels, this.memory).problem('ProductProblem', values);
      this.dots = problem.call('fastestByteDots') as ByteDotsKind;
    }
    return this.dots;
  }
}
