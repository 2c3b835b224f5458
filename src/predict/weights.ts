import { formatValue } from '../checks/values.js';
import type { WeightSpec } from './modelJson.js';

interface Stored extends WeightSpec {
  /** Of its first byte. */
  offset: number;
}

/** How a number is stored, and what it is read as. */
interface Encoding {
  bytes: number;
  /** Fills `target` with the numbers from `first` on. */
  read(bytes: ArrayBuffer, offset: number, first: number, target: Float32Array, spec: WeightSpec): void;
}

/** 1 bit sign, 5 exponent, 10 fraction. */
function halfToNumber(half: number): number {
  const [exponent, fraction] = [(half >> 10) & 31, half & 1023];
  const size =
    exponent === 0
      ? fraction * 2 ** -24
      : exponent === 31
        ? fraction
          ? NaN
          : Infinity
        : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return half & 0x8000 ? -size : size;
}

type Values = Float32ArrayConstructor | Uint16ArrayConstructor | Uint8ArrayConstructor;

/** `count` numbers from a byte on, which may be none that arrays of the kind begin at. */
function valuesAt(Values: Values, bytes: ArrayBuffer, start: number, count: number) {
  const size = Values.BYTES_PER_ELEMENT;
  return start % size === 0 ? new Values(bytes, start, count) : new Values(bytes.slice(start, start + size * count));
}

/** Whole numbers, from `min` on in steps of `scale`. */
const steps = (Values: Uint16ArrayConstructor | Uint8ArrayConstructor): Encoding => ({
  bytes: Values.BYTES_PER_ELEMENT,
  read(bytes, offset, first, target, { quantization }) {
    const { scale = 1, min = 0 } = quantization ?? {};
    const values = valuesAt(Values, bytes, offset + first * Values.BYTES_PER_ELEMENT, target.length);
    for (let i = 0; i < target.length; i++) target[i] = values[i] * scale + min;
  },
});

const encodings: Readonly<Record<string, Encoding>> = {
  float32: {
    bytes: 4,
    read: (bytes, offset, first, target) =>
      target.set(valuesAt(Float32Array, bytes, offset + 4 * first, target.length)),
  },
  float16: {
    bytes: 2,
    read(bytes, offset, first, target) {
      const view = new DataView(bytes, offset + 2 * first, 2 * target.length);
      for (let i = 0; i < target.length; i++) target[i] = halfToNumber(view.getUint16(2 * i, true));
    },
  },
  uint8: steps(Uint8Array),
  uint16: steps(Uint16Array),
};

const countOf = ({ shape }: WeightSpec) => shape.reduce((a, b) => a * b, 1);

/** The weights of a saved model, as tfjs stores them: float32, or quantised to float16, uint8 or uint16. */
export class Weights {
  private readonly stored = new Map<string, Stored>();

  /**
   * @param specs in the order of their bytes
   * @param bytes of all weight files, one after the other
   * @throws Error if there are too few or too many bytes, or a weight is stored in another way
   */
  constructor(
    specs: readonly WeightSpec[],
    private readonly bytes: ArrayBuffer,
  ) {
    let offset = 0;
    for (const spec of specs) {
      if (!Array.isArray(spec.shape) || !spec.shape.every((size) => Number.isInteger(size) && size >= 0)) {
        throw new Error(
          `loadPredictor: weight '${spec.name}' was of shape ${formatValue(spec.shape)}; it must be a list of sizes`,
        );
      }
      this.stored.set(spec.name, { ...spec, offset });
      offset += countOf(spec) * this.encodingOf(spec).bytes;
    }
    if (offset === bytes.byteLength) return;
    throw new Error(
      `loadPredictor: weights had ${bytes.byteLength} bytes; they must have ${offset}, as model.json says`,
    );
  }

  private encodingOf({ name, dtype, quantization }: WeightSpec): Encoding {
    const stored = quantization?.dtype ?? dtype;
    if (dtype === 'float32' && stored in encodings) return encodings[stored];
    const choices = Object.keys(encodings).join(', ');
    throw new Error(
      `loadPredictor: weight '${name}' was ${dtype}, stored as ${stored}; it must be float32, stored as one of ${choices}`,
    );
  }

  private find(name: string): Stored {
    const found = this.stored.get(name);
    if (found) return found;
    throw new Error(`loadPredictor: model.json has no weight '${name}'; it must be one of the model that save wrote`);
  }

  /** @param must the shape that it has to have, where some size is not known null. Throws Error if it has another one. */
  shape(name: string, must?: readonly (number | null)[]): number[] {
    const { shape } = this.find(name);
    if (!must || (shape.length === must.length && must.every((size, axis) => size === null || size === shape[axis]))) {
      return shape;
    }
    const expected = must.map((size) => size ?? 'any').join(', ');
    throw new Error(`loadPredictor: weight '${name}' was of shape [${shape.join(', ')}]; it must be [${expected}]`);
  }

  /** Fills `target` with the weight's numbers from `first` on. */
  read(name: string, target: Float32Array, first = 0): void {
    const found = this.find(name);
    this.encodingOf(found).read(this.bytes, found.offset, first, target, found);
  }
}
