// How near each register tile comes to the roofline, and which of them a build should use.

import { fourDigits, percent, Table } from '../format.js';
import { Child } from '../processes/childProcess.js';
import { takeTurns } from '../processes/turns.js';
import { select, type Settings } from '../settings.js';
import { spread } from '../../src/analysis/timing.js';
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
export async function benchTiles({ configurations, effort, filter, log }: Settings): Promise<TilesDocument> {
  const builds = [...new Set(configurations.map(({ build }) => build))];
  const children = builds.map((build) => Child.start({ threads: 1, build }));
  const results: Result[] = [];
  try {
    log(tilesTable.header);
    for (const tile of select(tiles, nameOf, filter, 'tiles')) {
      const facts: TileFacts[] = [];
      for (const child of children) {
        facts.push(await child.open<TileFacts>(new URL('ours.js', import.meta.url), tile, effort.warmUp));
      }
      const timings = await takeTurns(children, effort);
      timings.forEach(({ strips }, index) => {
        const gflops = facts[index].flops / strips.median / 1e6;
        const result = {
          ...tile,
          build: builds[index],
          gflops,
          spread: spread(strips),
          roof: gflops / facts[index].roof,
        };
        results.push(result);
        log(tilesTable.line(result));
      });
      for (const child of children) await child.close();
    }
  } finally {
    for (const child of children) child.stop();
  }
  return { results };
}
