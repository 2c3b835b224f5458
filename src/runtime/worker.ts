// What a thread of the pool runs: a file of its own beside the code, and, by scripts/build.mjs, a text in
// generated/worker.ts for where that file cannot be had. So it stands alone, and may not import anything.

/** What the pool sends to a new thread. */
interface Start {
  /** The kernels; all threads share the compiled code. */
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  /** Entry points by number: (problem, task, scratch). */
  tasks: readonly string[];
  /** Where the pool's control block begins, in 32-bit words, and its fields behind that; see pool.ts. */
  control: number;
  fields: Record<
    'generation' | 'open' | 'active' | 'next' | 'failed' | 'task' | 'problem' | 'count' | 'scratch' | 'stride',
    number
  >;
  /** 1 and up; the thread that calls has 0. */
  thread: number;
  /** Looks at the generation before it sleeps. */
  spins: number;
  /** The name of a lock that it holds for life, where the browser tells of ended workers by these only. */
  lock?: string;
}

function startThread({ module, memory, tasks, control, fields, thread, spins }: Start): void {
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as Record<
    string,
    (problem: number, task: number, scratch: number) => void
  >;
  const entries = tasks.map((name) => kernels[name]);
  const words = new Int32Array(memory.buffer);
  const at = (field: keyof typeof fields) => control + fields[field];
  const [generation, open, active, next] = [at('generation'), at('open'), at('active'), at('next')];
  let seen = Atomics.load(words, generation);
  self.postMessage('ready');
  for (;;) {
    let left = spins;
    while (Atomics.load(words, generation) === seen && left > 0) left--;
    if (left === 0) Atomics.wait(words, generation, seen);
    seen = Atomics.load(words, generation);
    // Counted as active before it looks whether there is work: then the work cannot be changed under its hands.
    Atomics.add(words, active, 1);
    try {
      const state = Atomics.load(words, open);
      // The pool has stopped.
      if (state === 2) return;
      if (state === 1) {
        const run = entries[words[at('task')]];
        const [problem, count] = [words[at('problem')], words[at('count')]];
        const scratch = words[at('scratch')] + thread * words[at('stride')];
        for (let task; (task = Atomics.add(words, next, 1)) < count;) run(problem, task, scratch);
      }
    } catch (error) {
      Atomics.store(words, at('failed'), thread);
      throw error;
    } finally {
      Atomics.sub(words, active, 1);
      Atomics.notify(words, active);
    }
  }
}

self.onmessage = ({ data }: MessageEvent<Start>) => {
  if (data.lock === undefined) {
    startThread(data);
    return;
  }
  void navigator.locks.request(data.lock, () => {
    setTimeout(() => startThread(data));
    // It keeps the lock for life.
    return new Promise(() => undefined);
  });
};
