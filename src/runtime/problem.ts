// Problems: what a kernel works on, as a struct on the heap that its functions read, with the tables behind it.

import { formatValue } from '../checks/values.js';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { TaskName } from './builds.js';
import { type functions, structs, type StructValues, tasks } from './generated/bindings.js';
import type { Heap } from './heap.js';
import type { Pointer, Table } from './pointer.js';

export type StructName = keyof typeof structs;

/** The struct of an entry point. */
type StructOf<Name extends TaskName> = (typeof tasks)[Name];

/** Names of the functions that take a struct. */
export type NamesFor<Functions, Struct> = {
  [Name in keyof Functions]: Functions[Name] extends Struct ? Name : never;
}[keyof Functions];

type Values = Readonly<Record<string, Pointer | undefined>>;

const isTensor = (value: object): value is TensorInfo => 'dataId' in value;

const roundUp = (bytes: number) => Math.ceil(bytes / 16) * 16;

/** A struct on the heap, until `withProblem` returns. */
export class Problem<Struct extends StructName> {
  constructor(
    private readonly heap: Heap,
    private readonly struct: Struct,
    readonly address: number,
  ) {}

  /** Sets all fields; those that are not given are 0. Tables go to `tables`, one after the other. */
  fill(values: Values, tables: number): void {
    const layout: Readonly<Record<string, string>> = structs[this.struct];
    const { words, floats } = this.heap.view;
    let [at, next] = [this.address >>> 2, tables];
    for (const name in layout) {
      const value = values[name] ?? 0;
      if (layout[name] === 'f32') floats[at] = value as number;
      else if (typeof value === 'number') words[at] = value;
      else if (typeof value !== 'object') {
        throw new Error(`${name} was ${formatValue(value)}; it must be a number, a tensor or a table of numbers`);
      } else if (isTensor(value)) words[at] = this.heap.address(value);
      else {
        words[at] = next;
        this.put(value, next);
        next += roundUp(4 * value.length);
      }
      at++;
    }
  }

  private put(table: Table, address: number): void {
    if (table instanceof Uint8Array) this.heap.uint8(address, table.length).set(table);
    else if (table instanceof Float32Array) this.heap.float32(address, table.length).set(table);
    else this.heap.int32(address, table.length).set(table);
  }

  /** Sets a field that was not known before. */
  set(field: keyof StructValues[Struct] & string, value: number): void {
    const at = (this.address >>> 2) + Object.keys(structs[this.struct]).indexOf(field);
    const { words, floats } = this.heap.view;
    if ((structs[this.struct] as Readonly<Record<string, string>>)[field] === 'f32') floats[at] = value;
    else words[at] = value;
  }

  /** Runs all tasks of an entry point. Throws OutOfMemoryError, ThreadError. */
  run(name: NamesFor<typeof tasks, Struct>): void {
    this.heap.run(name, this.address);
  }

  /** Tasks of an entry point. */
  countTasks(name: NamesFor<typeof tasks, Struct>): number {
    return this.heap.kernels[`${name}Tasks`](this.address);
  }

  /** Bytes of scratch that a task of an entry point takes. */
  scratchBytes(name: NamesFor<typeof tasks, Struct>): number {
    return (this.heap.kernels[`${name}Scratch`]?.(this.address) ?? 0) >>> 0;
  }

  /** Calls another function of the struct, and gives what it returns as an unsigned number. */
  call(name: NamesFor<typeof functions, Struct>): number {
    return this.heap.kernels[name](this.address) >>> 0;
  }
}

/** Bytes of each struct. */
const heads = Object.fromEntries(
  Object.entries(structs).map(([name, fields]) => [name, roundUp(4 * Object.keys(fields).length)]),
) as Record<StructName, number>;

const bytesOfTable = (value: Pointer | undefined) =>
  typeof value === 'object' && !isTensor(value) ? roundUp(4 * value.length) : 0;

/** Runs `use` with a struct on the heap. Throws OutOfMemoryError. */
export function withProblem<Struct extends StructName, T>(
  heap: Heap,
  struct: Struct,
  values: StructValues[Struct],
  use: (problem: Problem<Struct>) => T,
): T {
  // No copy of the values, and no list of them: that takes as long as a small problem.
  const all = values as unknown as Values;
  const head = heads[struct];
  let bytes = head;
  for (const name in all) bytes += bytesOfTable(all[name]);
  return heap.withScratch(bytes, (address) => {
    const problem = new Problem(heap, struct, address);
    problem.fill(all, address + head);
    return use(problem);
  });
}

/** Runs all tasks of an entry point on a problem. Throws OutOfMemoryError, ThreadError. */
export function runProblem<Name extends TaskName>(heap: Heap, name: Name, values: StructValues[StructOf<Name>]): void {
  withProblem(heap, tasks[name], values, ({ address }) => heap.run(name, address));
}

/** Structs one after the other, as a table: fields are tensors, addresses and numbers; those that are not given are 0. */
export function tableOf<Struct extends StructName>(
  heap: Heap,
  struct: Struct,
  all: readonly StructValues[Struct][],
): Int32Array {
  const fields = Object.entries<string>(structs[struct]);
  const words = new Int32Array(all.length * fields.length);
  const floats = new Float32Array(words.buffer);
  all.forEach((values, index) =>
    fields.forEach(([name, kind], field) => {
      const value = values[name as keyof StructValues[Struct]] as number | TensorInfo | undefined;
      const at = index * fields.length + field;
      if (kind === 'f32') floats[at] = value as number;
      else words[at] = typeof value === 'object' ? heap.address(value) : (value ?? 0);
    }),
  );
  return words;
}
