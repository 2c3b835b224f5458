import { Worker } from 'node:worker_threads';
import type { BatchAnswers, FromWorker, InferenceRequest, ModelDescription, ModelTask, ToWorker } from './messages.js';

const program = new URL('./main.js', import.meta.url);

/** The thread has ended while something was asked of it. */
export class ThreadEndedError extends Error {}

interface Waiting<Result> {
  resolve: (result: Result) => void;
  reject: (error: Error) => void;
}

/** A thread that holds models and answers requests, a batch at a time. */
export class WorkerThread {
  private readonly worker = new Worker(program);
  private readonly loads = new Map<number, Waiting<ModelDescription>>();
  private batch: Waiting<BatchAnswers> | undefined;
  private lastWords: Error | undefined;

  /** @param onEnd hears once that the thread has ended, and why */
  constructor(onEnd: (thread: WorkerThread, error: Error) => void) {
    this.worker.on('message', (message: FromWorker) => this.take(message));
    this.worker.on('error', (error) => (this.lastWords = error));
    this.worker.once('exit', () => {
      const reason = this.lastWords?.message ?? 'it was ended';
      const error = new ThreadEndedError(`a worker thread ended: ${reason}`, { cause: this.lastWords });
      for (const { reject } of [...this.loads.values(), ...(this.batch ? [this.batch] : [])]) reject(error);
      onEnd(this, error);
    });
  }

  private take(message: FromWorker): void {
    if (message.kind === 'answered') {
      const { batch } = this;
      this.batch = undefined;
      batch?.resolve(message);
      return;
    }
    const waiting = this.loads.get(message.key);
    this.loads.delete(message.key);
    if (message.kind === 'loaded') waiting?.resolve(message.description);
    else waiting?.reject(new Error(message.error));
  }

  private say(message: ToWorker): void {
    this.worker.postMessage(message);
  }

  /** @throws Error that says why it cannot be loaded; ThreadEndedError */
  load(task: ModelTask): Promise<ModelDescription> {
    return new Promise((resolve, reject) => {
      this.loads.set(task.key, { resolve, reject });
      this.say({ kind: 'load', task });
    });
  }

  unload(key: number): void {
    this.say({ kind: 'unload', key });
  }

  /** Answers requests to a model that is loaded; only when it has answered those before. Throws ThreadEndedError. */
  answer(key: number, requests: InferenceRequest[]): Promise<BatchAnswers> {
    return new Promise((resolve, reject) => {
      this.batch = { resolve, reject };
      this.say({ kind: 'answer', key, requests });
    });
  }

  /** Ends it, whatever it does. */
  async end(): Promise<void> {
    await this.worker.terminate();
  }
}
