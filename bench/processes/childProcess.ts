// The parent's end of a child process.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Turn } from '../../src/benchmarks/stopwatch.js';
import type { Reply, Request, Setting } from './subject.js';

const program = fileURLToPath(new URL('child.js', import.meta.url));

/** A process that measures one configuration. It does one thing at a time, and nothing between turns. */
export class Child {
  private constructor(
    readonly setting: Setting,
    private readonly child: ChildProcess,
  ) {}

  static start(setting: Setting): Child {
    // What a child prints is for people: standard output is left to the document.
    return new Child(setting, fork(program, { serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] }));
  }

  /**
   * Prepares a job, and makes its calls for `warmUp` milliseconds each.
   * @param module URL of the module that exports `prepare`
   * @returns what the subject says of itself
   */
  open<Facts>(module: URL, job: unknown, warmUp = 300): Promise<Facts> {
    return this.ask({ kind: 'open', module: module.href, job, setting: this.setting, warmUp }) as Promise<Facts>;
  }

  /** @returns milliseconds of single calls, by the call's name */
  turn(turn: Turn): Promise<Record<string, number[]>> {
    return this.ask({ kind: 'turn', turn }) as Promise<Record<string, number[]>>;
  }

  /** Disposes what was prepared. */
  async close(): Promise<void> {
    await this.ask({ kind: 'close' });
  }

  stop(): void {
    this.child.kill();
  }

  private async ask(request: Request): Promise<unknown> {
    const done = new AbortController();
    const { signal } = done;
    try {
      this.child.send(request);
      const reply = once(this.child, 'message', { signal }).then(([message]: unknown[]) => message as Reply);
      const ended = once(this.child, 'exit', { signal }).then(([code, reason]: unknown[]): Reply => {
        return { error: `a process of the benchmark ended early (${JSON.stringify(code ?? reason)})` };
      });
      const answer = await Promise.race([reply, ended]);
      if ('error' in answer) throw new Error(answer.error);
      return answer.value;
    } finally {
      // The one that lost the race is rejected, which nobody waits for.
      done.abort();
    }
  }
}

/** Runs one job that only tells facts, in a process of its own. */
export async function factsOf<Facts>(setting: Setting, module: URL, job: unknown): Promise<Facts> {
  const child = Child.start(setting);
  try {
    return await child.open<Facts>(module, job, 0);
  } finally {
    child.stop();
  }
}
