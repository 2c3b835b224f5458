// The memory of tfjs's wasm backend: tensors, outputs and scratch. It relies on how tfjs-backend-wasm 4.22.0 is built.

import * as tf from '@tensorflow/tfjs-core';
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

/** The parts of Emscripten's module that are used. */
interface EmscriptenModule {
  HEAPU8: Uint8Array;
  /** Address of `bytes` fresh bytes, as a signed 32-bit integer; 0 if there is no room. */
  _malloc(bytes: number): number;
  _free(address: number): void;
  /** Exports of the single-threaded builds. */
  asm?: { memory?: WebAssembly.Memory };
  /** The shared memory of the threaded build. */
  wasmMemory?: WebAssembly.Memory;
}

/** The heap's ceiling: 32-bit addresses. */
const HEAP_LIMIT = 2 ** 32;

/** What malloc takes for itself: it grows the heap by steps of 64 KB, and puts a few bytes before each block. */
const SLACK = 2 ** 17;

/** The heap has no room: nothing was written, and everything on it is as before. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
}

/** Room that a new heap gets at once: a small model never grows it then. Memory that nothing has touched costs nothing. */
const START_BYTES = 2 ** 26;

/** Of a tensor to be made. */
export interface OutputSpec {
  shape: number[];
  dtype: DataType;
}

function bytesOf({ shape, dtype }: OutputSpec): number {
  return tf.util.sizeFromShape(shape) * tf.util.bytesPerElement(dtype);
}

/** Complex numbers lie on the heap as pairs of a real and an imaginary part, of which tfjs's backend knows nothing. */
function readComplexNumbers(backend: BackendWasm): void {
  backend.readSync = (dataId, start, end) => {
    const { memoryOffset, dtype, shape } = backend.dataIdMap.get(dataId);
    if (dtype !== 'complex64') return BackendWasm.prototype.readSync.call(backend, dataId, start, end);
    const first = memoryOffset + 8 * (start ?? 0);
    const bytes = (backend.wasm as unknown as EmscriptenModule).HEAPU8.slice(
      first,
      memoryOffset + 8 * (end ?? tf.util.sizeFromShape(shape)),
    );
    return new Float32Array(bytes.buffer);
  };
}

/** What holds the numbers of a type; those of complex numbers in pairs. */
export const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, complex64: Float32Array } as const;

/**
 * What a tensor is made of: as many numbers as its shape has, of its type. tfjs's backend takes their bytes as they are, and
 * where they are too few it fails with room taken. Of more, as of lists of unequal lengths, it takes the first.
 */
function checkValues(backend: BackendWasm): void {
  backend.move = (dataId, values, shape, dtype, refCount) => {
    let numbers = values as Float32Array | null | undefined;
    if (dtype !== 'string' && numbers) {
      const size = tf.util.sizeFromShape(shape) * (dtype === 'complex64' ? 2 : 1);
      if (numbers.length < size) {
        throw new Error(
          `a tensor of shape [${shape.join(', ')}] was given ${numbers.length} numbers; it must be given ${size}`,
        );
      }
      const Numbers = arrays[dtype];
      if (!(numbers instanceof Numbers)) numbers = Numbers.from(numbers) as Float32Array;
    }
    BackendWasm.prototype.move.call(backend, dataId, numbers as Float32Array, shape, dtype, refCount);
  };
}

/** Views of the memory as it is now. */
interface Views {
  buffer: ArrayBufferLike;
  words: Int32Array;
  floats: Float32Array;
}

/** The memory of one live backend: tensors and scratch. A new backend has a new one. */
export class HeapMemory {
  private views: Views | undefined;
  /** `malloc` as tfjs has it: 0 where there is no room. */
  private readonly findRoom: (bytes: number) => number;
  /** Data of which tfjs keeps a copy that it made for its kernels, see keepsCopy. */
  private readonly copied = new WeakSet<object>();

  constructor(readonly backend: BackendWasm) {
    readComplexNumbers(backend);
    checkValues(backend);
    const { module } = this;
    // Emscripten puts the real functions in place at their first call.
    module._free(module._malloc(1));
    this.findRoom = module._malloc.bind(module);
    // tfjs's own kernels take the 0 that means "no room" for an address, and sizes modulo 2^32.
    module._malloc = (bytes) => this.allocate(bytes, 'a tensor');
  }

  private get module(): EmscriptenModule {
    return this.backend.wasm as unknown as EmscriptenModule;
  }

  get memory(): WebAssembly.Memory {
    const memory = this.module.wasmMemory ?? this.module.asm?.memory;
    if (!memory) throw new Error("tfjs's wasm build does not export its memory; version 4.22.0 with SIMD is needed");
    return memory;
  }

  /** Whether tfjs still has the backend. */
  get live(): boolean {
    return (this.module as EmscriptenModule | null) !== null;
  }

  /** Whether other threads can work on the heap. */
  get shared(): boolean {
    return this.module.wasmMemory !== undefined;
  }

  /** Bytes in the heap. */
  get size(): number {
    return this.memory.buffer.byteLength;
  }

  /** All of the heap as 32-bit words, integers and floats; void after the next allocation, which may move the heap. */
  get view(): Pick<Views, 'words' | 'floats'> {
    const { buffer } = this.memory;
    if (this.views?.buffer !== buffer) {
      this.views = { buffer, words: new Int32Array(buffer), floats: new Float32Array(buffer) };
    }
    return this.views;
  }

  /** A view of a part of the heap; void after the next allocation. */
  int32(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length);
  }

  /** As `int32`. */
  float32(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  /** As `int32`. */
  uint8(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length);
  }

  /**
   * Brings a tensor's data here, if another backend has it.
   * @returns why it cannot be read; undefined where it can
   */
  bring({ dataId, shape, dtype }: TensorInfo): string | undefined {
    const { dataIdMap } = this.backend;
    if (!dataIdMap.has(dataId)) {
      const owner = tf.engine().state.tensorInfo.get(dataId)?.backend;
      if (owner === undefined) return 'has no data: it is disposed, or was never made';
      if (owner instanceof BackendWasm && !(owner.wasm as unknown)) {
        return "has lost its data: tfjs's backend that held it was removed";
      }
    }
    const data = dataIdMap.get(dataId) as { shape: number[]; dtype: DataType };
    const fits = data.dtype === dtype && tf.util.sizeFromShape(data.shape) === tf.util.sizeFromShape(shape);
    return fits ? undefined : 'has data of another size or dtype';
  }

  /**
   * tfjs's convolutions keep filters and biases in an order of their own, for as long as the data lives: whoever changed
   * that in place would not change what they compute.
   */
  noteCopy({ dataId }: TensorInfo): void {
    this.copied.add(dataId);
  }

  /** Whether tfjs keeps a copy of a tensor's data: it must not be changed in place. */
  keepsCopy({ dataId }: TensorInfo): boolean {
    return this.copied.has(dataId);
  }

  /** Address of a tensor's first byte. */
  address(tensor: TensorInfo): number {
    return this.backend.dataIdMap.get(tensor.dataId).memoryOffset;
  }

  /** Makes room on a new heap. Harmless where there is none: then it grows when it has to. */
  start(): void {
    this.reserve(START_BYTES);
  }

  /**
   * Makes room for several blocks at once. The heap grows by a fifth or more each time it has to, so that growing for one
   * block after the other would leave it larger by half than all of them need.
   */
  private reserve(bytes: number): void {
    if (bytes + 2 * SLACK < HEAP_LIMIT) this.module._free(this.findRoom(bytes + SLACK));
  }

  /**
   * Address of `bytes` fresh bytes. malloc takes a free block for large enough whose address and `bytes` add up to more
   * than 2^32, and gives all of it, in spite of what lies further down: such blocks are held until it has looked on.
   */
  private allocate(bytes: number, what: string): number {
    const tooSmall: number[] = [];
    try {
      // So close to 2^32, it computes even the size of the block wrongly.
      while (bytes + SLACK < HEAP_LIMIT) {
        const address = this.findRoom(bytes) >>> 0;
        if (address === 0) break;
        if (address + bytes <= this.size) return address;
        tooSmall.push(address);
      }
    } finally {
      for (const address of tooSmall) this.module._free(address);
    }
    throw new OutOfMemoryError(
      `out of memory: ${what} needs ${bytes} bytes, which do not fit into the heap of now ${this.size} bytes; ` +
        `it ends at ${HEAP_LIMIT} bytes`,
    );
  }

  private makeOutput(spec: OutputSpec): TensorInfo {
    const { shape, dtype } = spec;
    return this.backend.makeOutput(
      shape,
      dtype,
      this.allocate(bytesOf(spec), `a tensor of shape [${shape.join(', ')}]`),
    );
  }

  /**
   * Makes outputs and fills them by `compute`; whatever goes wrong, none of them is left behind. `scratchBytes` is what
   * `compute` will take beside them. Throws OutOfMemoryError.
   */
  computeOutputs(specs: OutputSpec[], compute: (outputs: TensorInfo[]) => void, scratchBytes = 0): TensorInfo[] {
    this.reserve(specs.reduce((sum, spec) => sum + bytesOf(spec), scratchBytes));
    const outputs: TensorInfo[] = [];
    const isEmpty = specs.length > 0 && specs.every(({ shape }) => tf.util.sizeFromShape(shape) === 0);
    try {
      for (const spec of specs) outputs.push(this.makeOutput(spec));
      // A dimension may be large beside one that is 0: nothing is to be computed then, however often.
      if (!isEmpty) compute(outputs);
      return outputs;
    } catch (error) {
      for (const output of outputs) this.dispose(output);
      throw error;
    }
  }

  /** Address of `bytes` bytes, unset, until `free` is called with it. Throws OutOfMemoryError. */
  malloc(bytes: number): number {
    return this.allocate(bytes, 'scratch of a kernel');
  }

  free(address: number): void {
    this.module._free(address);
  }

  /** Gives back a tensor that no one else has seen. */
  dispose(tensor: TensorInfo): void {
    this.backend.disposeData(tensor.dataId);
  }

  /** Calls `stop` before tfjs removes the backend. */
  onRemoval(stop: () => void): void {
    this.backend.dispose = () => {
      stop();
      BackendWasm.prototype.dispose.call(this.backend);
    };
  }

  /** Runs `use` with the address of `bytes` bytes of scratch, at the start of a cache line, unset. Throws OutOfMemoryError. */
  withScratch<T>(bytes: number, use: (address: number) => T): T {
    const address = this.malloc(bytes + 64);
    try {
      return use(Math.ceil(address / 64) * 64);
    } finally {
      this.free(address);
    }
  }
}
