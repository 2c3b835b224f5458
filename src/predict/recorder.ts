// Recording a plan: which kernels run on which problems, in order. Problems lie at fixed addresses; the rooms between the
// steps get theirs when all steps are known.

import type { Pointer, Table } from '../runtime/pointer.js';
import type { Pool } from '../runtime/pool.js';
import type { NamesFor } from '../runtime/problem.js';
import { assignAddresses } from './assignAddresses.js';
import { type functions, structs, type StructValues, tasks } from './generated/bindings.js';
import { Place, type Room, roomAt } from './place.js';
import { type PlanKernels, type PlanTask, planTasks } from './planKernels.js';
import type { PlanMemory } from './planMemory.js';

/** Stands for the address of a room that has none yet, where only sizes are asked for. */
const SOMEWHERE = 64;

/** Bytes: threads write to lines of their own. */
const CACHE_LINE = 64;

/** A kernel on a problem. */
export interface Step {
  /** The kernel's number among all. */
  task: number;
  run: (problem: number, task: number, scratch: number) => void;
  problem: number;
  /** Its tasks. */
  count: number;
  /** Bytes of scratch that a thread takes. */
  stride: number;
  /** That of all threads, one after the other. */
  scratch: Place;
}

type StructName = keyof typeof structs;

type Values = Record<string, Pointer | undefined>;

const isTable = (value: unknown): value is Table => Array.isArray(value) || ArrayBuffer.isView(value);

/** Steps for one number of cases. */
export class Recorder {
  readonly steps: Step[] = [];
  private readonly rooms = new Set<Room>();
  private readonly problems: { address: number; struct: StructName; values: Values }[] = [];

  constructor(
    readonly kernels: PlanKernels,
    readonly memory: PlanMemory,
    /** Threads that compute. */
    readonly threads = 1,
  ) {}

  /** Room between steps, for an array of a shape. */
  place(shape: number[], dtype: Place['dtype'] = 'float32'): Place {
    const bytes = 4 * shape.reduce((a, b) => a * b, 1);
    return new Place(shape, { bytes, first: Infinity, last: -1 }, dtype);
  }

  /** An array to stay. Integers where it is not of floats. */
  table(values: readonly number[] | Int32Array | Float32Array, shape = [values.length]): Place {
    const address = this.memory.reserve(4 * values.length);
    const { floats, words } = this.memory.view;
    (values instanceof Float32Array ? floats : words).set(values, address >>> 2);
    return new Place(shape, roomAt(address, 4 * values.length), values instanceof Float32Array ? 'float32' : 'int32');
  }

  /** A problem, for steps and for questions about sizes. */
  problem<Struct extends StructName>(struct: Struct, values: StructValues[Struct]): PlanProblem<Struct> {
    const all: Values = { ...values };
    for (const [name, value] of Object.entries(all)) {
      if (isTable(value)) all[name] = this.table(value as readonly number[]);
    }
    const address = this.memory.reserve(4 * Object.keys(structs[struct]).length);
    this.problems.push({ address, struct, values: all });
    this.write(address, struct, all);
    return new PlanProblem(this, struct, address, all);
  }

  /** A step on a problem of its own. */
  run<Name extends PlanTask>(name: Name, values: StructValues[(typeof tasks)[Name]]): void {
    const { address, values: all } = this.problem(tasks[name], values);
    this.add(name, address, all);
  }

  /** Adds a step; the rooms of all `values` have to last until then. */
  add(name: PlanTask, problem: number, values: Values): void {
    const { [name]: run, [`${name}Tasks` as const]: countTasks } = this.kernels;
    const count = countTasks(problem);
    if (count === 0) return;
    const bytes = (this.kernels[`${name}Scratch` as const]?.(problem) ?? 0) >>> 0;
    const stride = Math.ceil(bytes / CACHE_LINE) * CACHE_LINE;
    const scratch = this.place([((count > 1 ? this.threads : 1) * stride) / 4]);
    const step = this.steps.push({ task: planTasks.indexOf(name), run, problem, count, stride, scratch }) - 1;
    for (const value of [scratch, ...Object.values(values)]) {
      if (value instanceof Place) this.use(value, step);
    }
  }

  /** Makes a place's room last from or to a step; before the first one is -1, after the last one Infinity. */
  use({ room }: Place, step: number): void {
    if (room.address !== undefined || room.bytes === 0) return;
    this.rooms.add(room);
    room.first = Math.min(room.first, step);
    room.last = Math.max(room.last, step);
  }

  /** Writes a problem into the memory. */
  write(address: number, struct: StructName, values: Values): void {
    const layout: Readonly<Record<string, string>> = structs[struct];
    const { floats, words } = this.memory.view;
    let at = address >>> 2;
    for (const name in layout) {
      const value = values[name] ?? 0;
      if (layout[name] === 'f32') floats[at] = value as number;
      else words[at] = value instanceof Place ? value.address(SOMEWHERE) : (value as number);
      at++;
    }
  }

  /** Gives the rooms between the steps their addresses, from `base` on, writes all problems, and returns the rooms' end. */
  finish(base: number): number {
    const end = assignAddresses([...this.rooms], base);
    for (const { address, struct, values } of this.problems) this.write(address, struct, values);
    return end;
  }

  /** Runs all steps, on the threads of a pool if there is one. Throws ThreadError. */
  compute(pool?: Pool): void {
    const { steps } = this;
    for (let s = 0; s < steps.length; s++) {
      const { task, run, problem, count, stride } = steps[s];
      const scratch = steps[s].scratch.address(0);
      if (pool && count > 1) pool.run(task, run, problem, count, scratch, stride);
      else for (let index = 0; index < count; index++) run(problem, index, scratch);
    }
  }
}

/** A problem of a plan. */
export class PlanProblem<Struct extends StructName> {
  constructor(
    private readonly recorder: Recorder,
    private readonly struct: Struct,
    readonly address: number,
    readonly values: Values,
  ) {}

  /** Sets a field that was not known before. */
  set(field: keyof StructValues[Struct] & string, value: Place | number): void {
    this.values[field] = value;
    this.recorder.write(this.address, this.struct, this.values);
  }

  /** Adds a step. */
  run(name: NamesFor<typeof tasks, Struct>): void {
    this.recorder.add(name, this.address, this.values);
  }

  /** Runs a task of an entry point that needs no scratch now, on what is in the memory already. */
  runNow(name: NamesFor<typeof tasks, Struct>, task: number): void {
    this.recorder.kernels[name](this.address, task, 0);
  }

  /** Tasks of an entry point. */
  countTasks(name: NamesFor<typeof tasks, Struct>): number {
    return this.recorder.kernels[`${name}Tasks`](this.address);
  }

  /** Calls another function of the struct, and gives what it returns as an unsigned number. */
  call(name: NamesFor<typeof functions, Struct>): number {
    return this.recorder.kernels[name](this.address) >>> 0;
  }
}
