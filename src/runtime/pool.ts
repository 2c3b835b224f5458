// Threads over the shared heap: workers that take the tasks of a kernel from a queue, beside the thread that calls.
//
// The pool's words lie on the heap itself, so that threads meet only in atomic operations. A job is open while tasks may
// be taken; a thread counts itself active before it looks, so that once the job is closed and no one is active, nobody
// can touch what belongs to the next one. A thread that is late, or gone, is not waited for: the caller takes tasks too.

import type { Heap } from './heap.js';
import { workerSource } from './generated/worker.js';

/** Fields of the control block in words; those that threads write often have a cache line of their own. */
const fields = {
  generation: 0,
  open: 16,
  task: 17,
  frame: 18,
  count: 19,
  scratch: 20,
  stride: 21,
  failed: 22,
  active: 32,
  next: 48,
} as const;
const CONTROL_BYTES = 4 * 64;

/** Looks at a word before sleeping: some 50 microseconds, as long as a sleeping thread takes to wake. */
const SPINS = 20_000;

/** A thread that finishes no task for this long is dead: a task takes milliseconds. */
const DEATH_MS = 800;
/** The wait is cut into pieces, of which one that lasts too long (the machine slept) counts as one. */
const WAIT_MS = 50;

/** Milliseconds for a thread to start. */
const START_MS = 10_000;

/** One worker, in Node or in a browser. */
interface Thread {
  terminate(): Promise<unknown>;
}

/** A thread of the pool died: what it was computing is lost, and `init` must start the pool anew. */
export class ThreadError extends Error {
  override readonly name = 'ThreadError';
}

type Died = (reason: string) => void;

const isNode = typeof process === 'object' && typeof process.versions?.node === 'string';

/** Starts a worker on `message`; `started` is called when it is ready, `died` when it ends for whatever reason. */
async function startThread(message: object, started: () => void, died: Died): Promise<Thread> {
  if (isNode) {
    const { Worker } = await import('node:worker_threads');
    const worker = new Worker(workerSource, { eval: true, execArgv: [], name: 'primal-attention' });
    worker.once('message', started);
    worker.once('error', (error) => died(error instanceof Error ? error.message : String(error)));
    worker.once('exit', (code) => died(`it ended with exit code ${code}`));
    worker.postMessage(message);
    worker.unref();
    return worker;
  }
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.onmessage = started;
  worker.onerror = ({ message }) => died(message);
  worker.postMessage(message);
  URL.revokeObjectURL(url);
  return {
    terminate() {
      worker.terminate();
      return Promise.resolve();
    },
  };
}

/** Whether this thread may sleep: a browser's main thread may not. */
const maySleep = isNode || typeof window === 'undefined';

/** Workers with one build of the kernels over one heap. */
export class Pool {
  private readonly threads: Thread[] = [];
  private failure: ThreadError | undefined;
  private stopped = false;
  /** The heap as it was at the start: where it grows, these words stay the same ones. */
  private readonly words: Int32Array;

  private constructor(
    heap: Heap,
    readonly module: WebAssembly.Module,
    private readonly control: number,
    /** Threads that compute, the calling one included. */
    readonly size: number,
  ) {
    this.words = new Int32Array(heap.memory.buffer);
    this.words.fill(0, control, control + CONTROL_BYTES / 4);
  }

  /** Starts `size` - 1 workers, and waits until they are there. */
  static async start(heap: Heap, module: WebAssembly.Module, tasks: readonly string[], size: number): Promise<Pool> {
    const address = heap.malloc(CONTROL_BYTES + 64);
    const control = Math.ceil(address / 64) * 16;
    const pool = new Pool(heap, module, control, size);
    pool.release = () => heap.free(address);
    const common = { module, memory: heap.memory, tasks, control, fields, spins: SPINS };
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await Promise.race([
        Promise.all(Array.from({ length: size - 1 }, (_, index) => pool.add({ ...common, thread: index + 1 }))),
        new Promise((_, reject) => {
          timer = setTimeout(() => reject(new ThreadError(`threads: they did not start in ${START_MS} ms`)), START_MS);
        }),
      ]);
    } catch (error) {
      await pool.stop();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    return pool;
  }

  private release = () => {};

  private async add(message: { thread: number }): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const died: Died = (reason) => {
        if (this.stopped) return;
        this.failure ??= new ThreadError(`thread ${message.thread} died: ${reason}; await init() starts new ones`);
        reject(this.failure);
      };
      startThread(message, resolve, died).then((thread) => this.threads.push(thread), reject);
    });
  }

  /** Whether a thread has died. */
  get broken(): boolean {
    return this.failure !== undefined;
  }

  /**
   * Runs tasks 0 .. count - 1 of entry point `task` on all threads; `own` is that entry point on this thread. Thread t has
   * `stride` bytes of scratch at scratch + t stride. Throws ThreadError if a thread dies over it.
   */
  run(
    task: number,
    own: (frame: number, task: number, scratch: number) => void,
    frame: number,
    count: number,
    scratch: number,
    stride: number,
  ): void {
    if (this.failure) throw this.failure;
    const { control, words } = this;
    const job = { task, frame, count, scratch, stride, failed: 0 };
    for (const [field, value] of Object.entries(job)) words[control + fields[field as keyof typeof job]] = value;
    const [open, next, generation] = [control + fields.open, control + fields.next, control + fields.generation];
    Atomics.store(words, next, 0);
    Atomics.store(words, open, 1);
    Atomics.add(words, generation, 1);
    Atomics.notify(words, generation);
    try {
      for (let index; (index = Atomics.add(words, next, 1)) < count;) own(frame, index, scratch);
    } finally {
      Atomics.store(words, open, 0);
      this.waitForThreads();
    }
    if (Atomics.load(words, control + fields.failed) !== 0) {
      throw (this.failure ??= new ThreadError('a thread failed in a kernel; await init() starts new ones'));
    }
  }

  /** Waits until no thread works on the closed job. */
  private waitForThreads(): void {
    const { words } = this;
    const active = this.control + fields.active;
    for (let spins = SPINS; spins > 0; spins--) if (Atomics.load(words, active) === 0) return;
    let left = DEATH_MS / WAIT_MS;
    let last = Atomics.load(words, active);
    while (last > 0) {
      if (maySleep) Atomics.wait(words, active, last, WAIT_MS);
      else
        for (const end = performance.now() + WAIT_MS; Atomics.load(words, active) === last && performance.now() < end;);
      const now = Atomics.load(words, active);
      left = now === last ? left - 1 : DEATH_MS / WAIT_MS;
      last = now;
      if (left > 0) continue;
      // One that only slept must not wake up over memory that others have by then.
      for (const thread of this.threads) void thread.terminate();
      throw (this.failure ??= new ThreadError(
        `${last} of ${this.size - 1} worker threads finished no task for ${DEATH_MS} ms and count as dead; ` +
          'await init() starts new ones',
      ));
    }
  }

  /** Ends all workers; the pool is of no use any more. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    this.failure ??= new ThreadError('the threads were stopped; await init() starts new ones');
    await Promise.all(this.threads.map((thread) => thread.terminate()));
    this.release();
  }
}
