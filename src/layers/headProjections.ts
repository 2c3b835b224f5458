// Which projections a multi-head attention has, and what their columns are. Heads lie side by side in them, so that one
// product gives as much as it can: queries, keys and values of all heads where they come from one sequence.

import type { Columns, HeadsGroup } from '../ops/headsRuns.js';

/** The sequence that a projection maps. */
export type Source = 'query' | 'key' | 'value';

/** Columns of one of the three kernels that multi-head attention has on paper, [C, H D] or [C, H E]. */
interface Part {
  of: Source;
  /** Heads `from` to before `to`. */
  from: number;
  to: number;
}

/** One product: its parts stand side by side. */
export interface Projection {
  name: string;
  source: Source;
  /** Positions of the source averaged into one, before the product. */
  scale: number;
  parts: Part[];
}

export interface ProjectionPlan {
  projections: Projection[];
  groups: HeadsGroup[];
}

interface PlanArgs {
  /** Positions averaged into one key, for each head. */
  headScales: readonly number[];
  /** Width of a head in each part. */
  widths: Record<Source, number>;
  /** One sequence gives queries, keys and values. */
  selfAttention: boolean;
  /** One sequence gives keys and values. */
  sharedKeys: boolean;
}

/** Runs of neighbouring heads with one scale. */
function runsOf(headScales: readonly number[]): { from: number; to: number; scale: number }[] {
  const starts = headScales.flatMap((scale, head) => (scale === headScales[head - 1] ? [] : [head]));
  return starts.map((from, run) => ({ from, to: starts[run + 1] ?? headScales.length, scale: headScales[from] }));
}

/**
 * Plans the projections. Averaging commutes with linear maps, and comes first, where it makes them cheaper
 * (Attention-SH); so each run of heads with a scale has keys and values of its own.
 */
export function planProjections({ headScales, widths, selfAttention, sharedKeys }: PlanArgs): ProjectionPlan {
  const all = { from: 0, to: headScales.length };
  const runs = runsOf(headScales);
  const part = (of: Source, { from, to }: { from: number; to: number }) => ({ of, from, to });
  if (selfAttention && runs.length === 1 && runs[0].scale === 1) {
    const heads = headScales.length;
    const [k, v] = [heads * widths.query, heads * (widths.query + widths.key)];
    const place = (column: number) => ({ projection: 0, column });
    return {
      projections: [
        {
          ...{ name: 'query_key_value', source: 'query', scale: 1 },
          parts: [part('query', all), part('key', all), part('value', all)],
        },
      ],
      groups: [{ heads, scale: 1, q: place(0), k: place(k), v: place(v) }],
    };
  }
  const projections: Projection[] = [{ name: 'query', source: 'query', scale: 1, parts: [part('query', all)] }];
  const groups = runs.map((run, index) => {
    const suffix = runs.length > 1 ? `_${index}` : '';
    const projection = projections.length;
    const { scale } = run;
    const heads = run.to - run.from;
    const group = { heads, scale, q: { projection: 0, column: run.from * widths.query }, k: { projection, column: 0 } };
    const [key, value] = [part('key', run), part('value', run)];
    if (sharedKeys) {
      projections.push({ name: `key_value${suffix}`, source: 'key', scale, parts: [key, value] });
      return { ...group, v: { projection, column: heads * widths.key } };
    }
    projections.push({ name: `key${suffix}`, source: 'key', scale, parts: [key] });
    projections.push({ name: `value${suffix}`, source: 'value', scale, parts: [value] });
    return { ...group, v: { projection: projection + 1, column: 0 } };
  });
  return { projections, groups };
}

/** Some columns of a projection, which a call multiplies one tensor with. */
export interface Piece {
  projection: Projection;
  source: Source;
  column: number;
  columns: number;
}

/** What a call computes: pieces of projections, and the heads' places in them. */
export interface CallPlan {
  pieces: Piece[];
  groups: HeadsGroup[];
}

/**
 * The plan of a call, whatever call the weights were made for: projections whose columns map several sequences are one
 * product where these are one tensor, and as many as there are tensors elsewhere.
 *
 * @param plan of the weights
 * @param widths of a head in each part
 * @param tensorOf what stands for the tensor of each source
 */
export function planCall(
  { projections, groups }: ProjectionPlan,
  widths: Readonly<Record<Source, number>>,
  tensorOf: Readonly<Record<Source, unknown>>,
): CallPlan {
  const pieces: Piece[] = [];
  const starts = projections.map((projection) => {
    const first = pieces.length;
    let column = 0;
    for (const { of, from, to } of projection.parts) {
      const columns = (to - from) * widths[of];
      const last = pieces.length > first ? pieces[pieces.length - 1] : undefined;
      if (last && tensorOf[last.source] === tensorOf[of]) last.columns += columns;
      else pieces.push({ projection, source: of, column, columns });
      column += columns;
    }
    return first;
  });
  const place = ({ projection, column }: Columns): Columns => {
    let index = starts[projection];
    while (column >= pieces[index].column + pieces[index].columns) index++;
    return { projection: index, column: column - pieces[index].column };
  };
  return {
    pieces,
    groups: groups.map((group) => ({ ...group, q: place(group.q), k: place(group.k), v: place(group.v) })),
  };
}

/**
 * Multi-head attention up to its output's projection, whatever computes: tensors, or the plan of src/predict.
 *
 * @param pieces of the call's plan
 * @param sources what the call maps
 * @param pool a source averaged over `scale` positions
 * @param project a source times a piece
 * @returns what the pieces give, in their order, on which attention works
 */
export function projectSources<T>(
  pieces: readonly Piece[],
  sources: Readonly<Record<Source, T>>,
  pool: (source: T, scale: number) => T,
  project: (piece: Piece, x: T) => T,
): T[] {
  const averages = new Map<T, Map<number, T>>();
  const averaged = (source: T, scale: number): T => {
    if (scale === 1) return source;
    const ofSource = averages.get(source) ?? new Map<number, T>();
    averages.set(source, ofSource);
    const one = ofSource.get(scale) ?? pool(source, scale);
    ofSource.set(scale, one);
    return one;
  };
  return pieces.map((piece) => project(piece, averaged(sources[piece.source], piece.projection.scale)));
}
