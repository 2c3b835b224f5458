// How near each register tile comes to the roofline, and which of them a build should use.

import { fourDigits, percent, Table } from '../format.js';
import { measureBuilds } from '../processes/measureBuilds.js';
import type { Measurement } from '../processes/turns.js';
import { select, type Settings } from '../settings.js';
import { spread } from '../../src/benchmarks/timing.js';
import type { Tile, TileFacts } from './ours.js';

/** The terms of attention's scores with heads of 64, and those of a block of a product. */
const TERMS = { interleaved: [64, 256], transposed: [64] };

const tiles: Tile[] = [8, 16].flatMap((columns) =>
  (['interleaved', 'transposed'] as const).flatMap((left) =>
    TERMS[left].flatMap((terms) => [4, 6].map((rows) => ({ rows, columns, terms, left }))),
  ),
);

const nameOf = ({ rows, columns, terms, left }: Tile) => `${rows}x${columns} ${left} ${terms}`;

interface Result extends Tile {
  build: string;
  gflops: number;
  /** Half the distance between the quartiles, as a share. */
  spread: number;
  /** Share of the roofline. */
  roof: number;
}

export const tilesTable = new Table<Result>([
  ['tile', -5, ({ rows, columns }) => `${rows}x${columns}`],
  ['A', -11, ({ left }) => left],
  ['terms', 5, ({ terms }) => `${terms}`],
  ['build', -7, ({ build }) => build],
  ['GFLOP/s', 8, ({ gflops }) => fourDigits(gflops)],
  ['±', 5, (result) => percent(result.spread)],
  ['roof', 5, ({ roof }) => percent(roof)],
]);

export interface TilesDocument {
  results: Result[];
}

/** Measures each tile with each build on one thread. */
export async function benchTiles(settings: Settings): Promise<TilesDocument> {
  const module = new URL('ours.js', import.meta.url);
  const chosen = select(tiles, nameOf, settings.filter, 'tiles');
  const resultOf = (tile: Tile, { setting, facts, timings }: Measurement<TileFacts>): Result => {
    const gflops = facts.flops / timings.strips.median / 1e6;
    return { ...tile, build: setting.build, gflops, spread: spread(timings.strips), roof: gflops / facts.roof };
  };
  return { results: await measureBuilds(settings, tilesTable, module, chosen, resultOf) };
}
