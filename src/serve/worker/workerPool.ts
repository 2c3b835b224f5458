import { setTimeout as wait } from 'node:timers/promises';
import type { ModelDescription, ModelTask } from './messages.js';
import { WorkerThread } from './workerThread.js';

/** Milliseconds between two tries to start a thread that ended before it was ready. */
const RESTART_MS = 1000;

/** What a pool tells. */
export interface PoolEvents {
  /** A thread can take a batch. */
  onIdle(): void;
  /** A thread has ended unexpectedly, and why; another one takes its place. */
  onEnd(error: Error): void;
}

/** Threads that all hold the same models. One that ends is replaced. */
export class WorkerPool {
  /** Those that have loaded all models. */
  private readonly ready = new Set<WorkerThread>();
  private readonly idle: WorkerThread[] = [];
  private readonly tasks = new Map<number, ModelTask>();
  private closed = false;

  private events!: PoolEvents;

  /** @param size threads */
  constructor(readonly size: number) {}

  /** Starts the threads. */
  start(events: PoolEvents): void {
    this.events = events;
    for (let i = 0; i < this.size; i++) this.add(this.create());
  }

  /** Threads that can take a batch. */
  get idleCount(): number {
    return this.idle.length;
  }

  /** Threads that hold all models. */
  get readyCount(): number {
    return this.ready.size;
  }

  private create(): WorkerThread {
    return new WorkerThread((ended, error) => {
      const wasReady = this.ready.delete(ended);
      const at = this.idle.indexOf(ended);
      if (at >= 0) this.idle.splice(at, 1);
      if (this.closed) return;
      this.events.onEnd(error);
      // What ends before it is ready would end again.
      void this.replace(wasReady ? 0 : RESTART_MS);
    });
  }

  private add(thread: WorkerThread): void {
    this.ready.add(thread);
    this.giveBack(thread);
  }

  /** A new thread joins when it has loaded what the others hold. */
  private async replace(pause: number): Promise<void> {
    await wait(pause, undefined, { ref: false });
    if (this.closed) return;
    const thread = this.create();
    const loaded = new Set<number>();
    try {
      for (;;) {
        const task = [...this.tasks.values()].find(({ key }) => !loaded.has(key));
        if (!task) break;
        await thread.load(task);
        loaded.add(task.key);
      }
    } catch {
      // Its end asks for another one.
      await thread.end();
      return;
    }
    for (const key of loaded) if (!this.tasks.has(key)) thread.unload(key);
    if (this.closed) await thread.end();
    else this.add(thread);
  }

  /** Takes a thread that is idle; it must be given back when it has answered. */
  take(): WorkerThread | undefined {
    return this.idle.shift();
  }

  giveBack(thread: WorkerThread): void {
    if (!this.ready.has(thread)) return;
    this.idle.push(thread);
    this.events.onIdle();
  }

  /**
   * Loads a model in all threads, one after the other, so that the others go on answering.
   *
   * @throws Error that says why it cannot be loaded; then no thread holds it
   */
  async load(task: ModelTask): Promise<ModelDescription> {
    let description: ModelDescription | undefined;
    const loaded: WorkerThread[] = [];
    try {
      for (;;) {
        const next = [...this.ready].find((thread) => !loaded.includes(thread));
        if (!next) break;
        description = await next.load(task);
        loaded.push(next);
      }
    } catch (error) {
      for (const thread of loaded) thread.unload(task.key);
      throw error;
    }
    if (!description) throw new Error('no worker thread is ready to load a model');
    this.tasks.set(task.key, task);
    return description;
  }

  unload(key: number): void {
    if (!this.tasks.delete(key)) return;
    for (const thread of this.ready) thread.unload(key);
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.ready].map((thread) => thread.end()));
  }
}
