// PyTorch, in a Python process beside the one that measures.

import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { uniform } from '../../src/random.js';
import type { Setting, Subject } from '../processes/subject.js';
import { initialValue, LEARNING_RATE, poolOf, WEIGHT_DECAY } from '../steps/data.js';
import { CLASSES, type StepModel, weightShapes } from '../steps/models.js';
import { type Case, COMPARED_STEPS, operandsOf, type PeerFacts } from './cases.js';

const program = fileURLToPath(new URL('../../../../bench/peers/pytorch.py', import.meta.url));

/** A Python that has PyTorch: Debian's package python3-torch is seen by the system's own alone. */
export function findTorch(): string | undefined {
  const pythons = [process.env.PYTHON ?? 'python3', '/usr/bin/python3'];
  return pythons.find((python) => spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0);
}

const packed = (dims: readonly number[], { buffer, byteOffset, byteLength }: Float32Array) => ({
  dims,
  data: Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
});

function stepJob(model: StepModel) {
  const weights = Object.entries(weightShapes(model)).map(([name, shape]) => {
    return [name, packed(shape, initialValue(name, shape))] as const;
  });
  const next = uniform(1); // as FreshSteps draws them
  return {
    model,
    weights: Object.fromEntries(weights),
    batches: poolOf(model).map(({ inputs: [{ values, shape }] }) => packed(shape, values)),
    labels: Array.from({ length: COMPARED_STEPS }, () =>
      Array.from({ length: model.batch }, () => Math.floor(CLASSES * next())),
    ),
    ...{ learningRate: LEARNING_RATE, weightDecay: WEIGHT_DECAY, classes: CLASSES },
  };
}

const jobOf = (one: Case) =>
  one.kind === 'step' ? stepJob(one.model) : { operands: operandsOf(one).map(({ data, dims }) => packed(dims, data)) };

/** Lines there and back. */
class Python {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly answers: AsyncIterator<string>;

  constructor(python: string) {
    this.child = spawn(python, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
    // That it has ended is seen where its answer is missing.
    this.child.stdin.on('error', () => undefined);
    this.answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async ask(line: object): Promise<unknown> {
    this.child.stdin.write(`${JSON.stringify(line)}\n`);
    const answer = await this.answers.next();
    if (answer.done) throw new Error('the process of PyTorch ended early; what it printed stands above');
    return JSON.parse(answer.value);
  }

  end(): void {
    this.child.kill();
  }
}

/** `setting.build` is the Python that has it. */
export async function prepare(one: Case, { threads, build }: Setting): Promise<Subject<PeerFacts>> {
  const python = new Python(build);
  const answer = await python.ask({ kind: one.kind, threads, ...jobOf(one) });
  const { version, way, result } = answer as { version: string; way: string; result: string };
  const bytes = Buffer.from(result, 'base64');
  return {
    facts: { version, results: { [way]: new Float32Array(new Uint8Array(bytes).buffer) } },
    calls: { [way]: () => python.ask({}) as Promise<number> },
    dispose: () => python.end(),
  };
}
