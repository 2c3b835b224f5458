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
  open<Facts>(module: URL, job: unknown, warmUp: number): Promise<Facts> {
    return this.ask({ kind: 'open', module: module.href, job, setting: this.setting, warmUp }) as Promise<Facts>;
  }

  /** @returns milliseconds of single calls, by the call's name */
  turn(turn: Turn): Promise<Record<string, number[]>> {
    return this.ask({ kind: 'turn', turn }) as Promise<Record<string, number[]>>;
  }

  /**
   * Disposes what was prepared.
   * @returns what the subject says of itself after all turns
   */
  close<Outcome>(): Promise<Outcome> {
    return this.ask({ kind: 'close' }) as Promise<Outcome>;
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
      // The one that lost the race is rejected, and nothing awaits it.
      done.abort();
    }
  }
}

/**
 * Starts a process for each setting, and stops them all when `use` is done.
 * @param beside whether there is one more, for tfjs's own ops
 */
export async function withChildren<T>(
  settings: readonly Setting[],
  beside: boolean,
  use: (children: readonly Child[], beside: Child | undefined) => Promise<T>,
): Promise<T> {
  const children = settings.map((setting) => Child.start(setting));
  const theirs = beside ? Child.start({ threads: 1, build: '' }) : undefined;
  try {
    return await use(children, theirs);
  } finally {
    for (const child of [...children, theirs]) child?.stop();
  }
}

/** Runs one job that only tells facts, in a process of its own. */
export function factsOf<Facts>(setting: Setting, module: URL, job: unknown): Promise<Facts> {
  return withChildren([setting], false, ([child]) => child.open<Facts>(module, job, 0));
}
