// The memory of a predictor: what is there to stay lies at its bottom, one after the other.

/** Addresses below are never given: 0 stands for nothing. */
const BOTTOM = 64;
const PAGE = 65536;
const MOST_PAGES = 65536;

const roundUp = (bytes: number, multiple: number) => Math.ceil(bytes / multiple) * multiple;

export class PlanMemory {
  readonly memory: WebAssembly.Memory;
  private top = BOTTOM;
  private views: { buffer: ArrayBufferLike; floats: Float32Array; words: Int32Array };

  /** @param shared whether threads share it */
  constructor(readonly shared = false) {
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared });
    this.views = this.viewsOf(this.memory.buffer);
  }

  private viewsOf(buffer: ArrayBufferLike) {
    return { buffer, floats: new Float32Array(buffer), words: new Int32Array(buffer) };
  }

  /** All of it as floats and as integers; void after it has grown. */
  get view(): { floats: Float32Array; words: Int32Array } {
    const { buffer } = this.memory;
    if (this.views.buffer !== buffer) this.views = this.viewsOf(buffer);
    return this.views;
  }

  /** Bytes of it. */
  get size(): number {
    return this.memory.buffer.byteLength;
  }

  /** Room to stay, at the start of a cache line or at least of a vector. Throws Error where there is none. */
  reserve(bytes: number, alignment: 16 | 64 = 16): number {
    const address = roundUp(this.top, alignment);
    this.top = address + bytes;
    this.cover(this.top);
    return address;
  }

  /** Room for the moment, above all that is there to stay: the next `reserve` may take it. */
  stage(bytes: number): number {
    const address = roundUp(this.top, 64);
    this.cover(address + bytes);
    return address;
  }

  private cover(end: number): void {
    const missing = Math.ceil(end / PAGE) - this.size / PAGE;
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch (cause) {
      throw new Error(`loadPredictor: out of memory: the model needs ${end} bytes`, { cause });
    }
  }
}
