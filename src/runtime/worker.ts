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
  /** In browsers. */
  life?: Life;
}

/** How a browser tells of the end of a worker. */
interface Life {
  /** The name of a lock that the worker holds for life: it becomes free when something ends the worker. */
  lock: string;
  /** Shared, one word: 0 until it has ended. */
  ended: Int32Array;
}

/** What the watcher of the threads is sent: first nothing to watch, which it answers, then threads. */
interface Watch {
  watch: Life | undefined;
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

function watchThread({ lock, ended }: Life): void {
  void navigator.locks.request(lock, { mode: 'shared' }, () => void Atomics.store(ended, 0, 1));
}

function startWatchedThread(start: Start, { lock, ended }: Life): void {
  void navigator.locks.request(lock, () => {
    setTimeout(() => startThread(start));
    // It comes to its turn when the thread has left its loop, also where the browser broke that off and left the worker alive.
    setTimeout(() => Atomics.store(ended, 0, 1));
    // It keeps the lock for life.
    return new Promise(() => undefined);
  });
}

self.onmessage = ({ data }: MessageEvent<Start | Watch>) => {
  if ('watch' in data) {
    if (data.watch) watchThread(data.watch);
    else self.postMessage('ready');
  } else if (data.life) startWatchedThread(data, data.life);
  else startThread(data);
};
