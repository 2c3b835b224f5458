// Threads over the shared heap: workers that take the tasks of a kernel from a queue, beside the thread that calls.
//
// The pool's words lie on the heap itself, so that threads meet only in atomic operations. A job is open while tasks may
// be taken; a thread counts itself active before it looks, so that once the job is closed and no one is active, nobody
// can touch what belongs to the next one. A thread that is late, or gone, is not waited for: the caller takes tasks too.

import type { Thread, Threads } from './thread.js';

/** What the threads work on. */
export interface SharedHeap {
  readonly memory: WebAssembly.Memory;
  /** Room on it. Throws where there is none. */
  malloc(bytes: number): number;
  free(address: number): void;
  /** Whether it is still in use. */
  readonly live: boolean;
}

/** Fields of the control block in words; those that threads write often have a cache line of their own. */
const fields = {
  generation: 0,
  open: 16,
  task: 17,
  problem: 18,
  count: 19,
  scratch: 20,
  stride: 21,
  failed: 22,
  active: 32,
  next: 48,
} as const;
const CONTROL_BYTES = 4 * 64;
/** In place of 1 and 0, open and closed: there are no jobs any more. worker.ts knows it too. */
const ENDED = 2;
/** Room that a pool takes on the heap, and finds a cache line's beginning in. */
export const POOL_BYTES = CONTROL_BYTES + 64;

/** Looks at a word before sleeping: some 50 microseconds, as long as a sleeping thread takes to wake. */
const SPINS = 20_000;

/** How often, in milliseconds, the calling thread looks whether the others still live. */
const LOOK_MS = 50;

/** Milliseconds for all threads to start; where they cannot, they say so at once. */
const START_MS = 30_000;

/** A thread of the pool died: what it was computing is lost, and the pool must be started anew. */
export class ThreadError extends Error {
  override readonly name = 'ThreadError';
}

/** What a pool belongs to. */
export interface PoolOwner {
  heap: SharedHeap;
  platform: Threads;
  /** What the user does after a ThreadError, for its message. */
  remedy: string;
}

/** Workers with one build of the kernels over one heap. */
export class Pool {
  private readonly threads: Thread[] = [];
  private failure: string | undefined;
  private stopping: Promise<void> | undefined;
  private looked = 0;
  /** The heap as it was at the start: where it grows, these words stay the same ones. */
  private readonly words: Int32Array;
  /** Where the control block begins, in words. */
  private readonly control: number;

  private constructor(
    private readonly owner: PoolOwner,
    readonly module: WebAssembly.Module,
    /** Threads that compute, the calling one included. */
    readonly size: number,
    private readonly block: number,
  ) {
    this.words = new Int32Array(owner.heap.memory.buffer);
    this.control = Math.ceil(block / 64) * 16;
    this.words.fill(0, this.control, this.control + CONTROL_BYTES / 4);
  }

  /** Starts `size` - 1 workers, and waits until they are there. Throws ThreadError, OutOfMemoryError. */
  static async start(
    owner: PoolOwner,
    module: WebAssembly.Module,
    tasks: readonly string[],
    size: number,
  ): Promise<Pool> {
    const { heap, platform } = owner;
    const pool = new Pool(owner, module, size, heap.malloc(POOL_BYTES));
    const common = { module, memory: heap.memory, tasks, control: pool.control, fields, spins: SPINS };
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        // It also keeps Node's process alive, which does not wait for threads.
        timer = setTimeout(() => reject(pool.fail(`the threads did not start in ${START_MS} ms`)), START_MS);
        let missing = size - 1;
        for (let thread = 1; thread < size; thread++) {
          const started = () => --missing === 0 && resolve();
          const died = (reason: string) => reject(pool.fail(`thread ${thread} died: ${reason}`));
          pool.threads.push(platform.startThread({ ...common, thread }, started, died));
        }
      });
    } catch (error) {
      await pool.stop();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    return pool;
  }

  /** Breaks the pool, for the first reason that is given. */
  private fail(reason: string): ThreadError {
    this.failure ??= reason;
    return new ThreadError(`${this.failure}; ${this.owner.remedy}`);
  }

  /** Whether a thread has died. */
  get broken(): boolean {
    return this.failure !== undefined;
  }

  /** Throws ThreadError if a thread has died. */
  check(): void {
    if (this.failure !== undefined) throw this.fail(this.failure);
  }

  /**
   * Runs tasks 0 .. count - 1 of entry point `task` on all threads; `own` is that entry point on this thread. Thread t has
   * `stride` bytes of scratch at scratch + t stride. Throws ThreadError if a thread dies over it.
   */
  run(
    task: number,
    own: (problem: number, task: number, scratch: number) => void,
    problem: number,
    count: number,
    scratch: number,
    stride: number,
  ): void {
    this.check();
    const { control, words } = this;
    const job = { task, problem, count, scratch, stride, failed: 0 };
    for (const [field, value] of Object.entries(job)) words[control + fields[field as keyof typeof job]] = value;
    const [open, next, generation] = [control + fields.open, control + fields.next, control + fields.generation];
    Atomics.store(words, next, 0);
    Atomics.store(words, open, 1);
    Atomics.add(words, generation, 1);
    Atomics.notify(words, generation);
    try {
      for (let index; (index = Atomics.add(words, next, 1)) < count;) {
        own(problem, index, scratch);
        if (performance.now() - this.looked > LOOK_MS) this.look(0);
      }
    } finally {
      // What is left, if a task failed, nobody needs.
      Atomics.store(words, next, count);
      Atomics.store(words, open, 0);
      this.waitForThreads();
    }
    this.checkKernels();
  }

  /** Throws ThreadError if the job's kernel failed on another thread. */
  private checkKernels(): void {
    const failed = Atomics.load(this.words, this.control + fields.failed);
    if (failed !== 0) throw this.fail(`thread ${failed} failed in a kernel`);
  }

  /** Waits until no thread works on the closed job. */
  private waitForThreads(): void {
    const { words } = this;
    const active = this.control + fields.active;
    for (let spins = SPINS; spins > 0; spins--) if (Atomics.load(words, active) === 0) return;
    // Pieces are counted, not read from a clock, which goes on while the machine sleeps.
    for (let silence = 0, last = Atomics.load(words, active); last > 0;) {
      this.pause(last, LOOK_MS);
      const now = Atomics.load(words, active);
      silence = now === last ? silence + LOOK_MS : 0;
      last = now;
      this.look(silence);
    }
  }

  /** Until the number of active threads is not `active`, or for that time. */
  private pause(active: number, milliseconds: number): void {
    const at = this.control + fields.active;
    if (this.owner.platform.maySleep) {
      Atomics.wait(this.words, at, active, milliseconds);
      return;
    }
    const end = performance.now() + milliseconds;
    while (Atomics.load(this.words, at) === active && performance.now() < end);
  }

  /** Throws ThreadError if a thread has died, when no other can touch the heap any more either. */
  private look(silence: number): void {
    this.looked = performance.now();
    const dead = this.threads.findIndex((thread) => !thread.alive(silence)) + 1;
    if (dead === 0) return;
    for (const thread of this.threads) void thread.terminate();
    while (this.threads.some((thread) => thread.alive(silence))) {
      this.pause(Atomics.load(this.words, this.control + fields.active), 1);
    }
    this.checkKernels();
    throw this.fail(`thread ${dead} died`);
  }

  /** Ends all workers; the pool is of no use any more. */
  stop(): Promise<void> {
    return (this.stopping ??= this.end());
  }

  private async end(): Promise<void> {
    this.fail('the threads were stopped');
    // They end by themselves, if the runtime does not do it at once: Deno calls threads ended that still compute.
    Atomics.store(this.words, this.control + fields.open, ENDED);
    Atomics.add(this.words, this.control + fields.generation, 1);
    Atomics.notify(this.words, this.control + fields.generation);
    await Promise.all(this.threads.map((thread) => thread.terminate()));
    // Not every runtime says when they have ended, and a removed backend's heap is gone as a whole.
    const { heap, platform } = this.owner;
    if (platform.awaitsThreads && heap.live) heap.free(this.block);
  }
}
