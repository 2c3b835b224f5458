import { Worker } from 'node:worker_threads';
import type { ModelVersion } from '../models/modelRepository.js';
import { RequestError } from '../requestError.js';
import type { CaseMap, MapAnswer, MapRequest } from './messages.js';

const program = new URL('./main.js', import.meta.url);
/** Requests that wait, at most: maps are for people. */
const MOST_WAITING = 8;

/** Draws attention maps, one after the other, in a thread that starts with the first. */
export class MapMaker {
  private thread: Worker | undefined;
  /** Key of the model that the thread holds. */
  private held = 0;
  private waiting = 0;
  private asked: { resolve: (answer: MapAnswer) => void; reject: (error: Error) => void } | undefined;
  private turn: Promise<unknown> = Promise.resolve();

  /** @param timeout milliseconds until a map is given up */
  constructor(private readonly timeout: number) {}

  /**
   * @param request see MapRequest
   * @throws RequestError that says what is wrong with the case, or (503) that too many wait
   */
  async map(version: ModelVersion, request: Pick<MapRequest, 'body' | 'type' | 'index'>): Promise<CaseMap> {
    if (this.waiting >= MOST_WAITING) {
      throw new RequestError(503, `${this.waiting} requests for maps wait already; try again later`, {
        'retry-after': '1',
      });
    }
    this.waiting++;
    const before = this.turn;
    const result = before.then(() => this.ask(version, request)).finally(() => this.waiting--);
    this.turn = result.catch(() => undefined);
    const answer = await result;
    if ('map' in answer) return answer.map;
    throw new RequestError(answer.status, answer.error);
  }

  private start(): Worker {
    const thread = new Worker(program);
    thread.on('message', (answer: MapAnswer) => this.asked?.resolve(answer));
    thread.on('error', (error) => this.end(error));
    thread.on('exit', () => this.thread === thread && this.end(new Error('the thread of attention maps has ended')));
    return thread;
  }

  /** Ends the thread; the next request starts another one. */
  private end(error: Error): void {
    const { thread } = this;
    this.thread = undefined;
    this.held = 0;
    void thread?.terminate();
    this.asked?.reject(error);
  }

  private async ask(version: ModelVersion, request: Pick<MapRequest, 'body' | 'type' | 'index'>): Promise<MapAnswer> {
    const thread = (this.thread ??= this.start());
    const { key, description, source } = version;
    const message: MapRequest = { ...request, key, description, ...(this.held !== key && { source }) };
    this.held = key;
    const late = new RequestError(504, `no map within ${this.timeout} ms`);
    const timer = setTimeout(() => this.end(late), this.timeout);
    try {
      return await new Promise<MapAnswer>((resolve, reject) => {
        this.asked = { resolve, reject };
        thread.postMessage(message);
      });
    } finally {
      clearTimeout(timer);
      this.asked = undefined;
    }
  }

  async close(): Promise<void> {
    await this.thread?.terminate();
  }
}
