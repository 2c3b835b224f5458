// The roofline: GFLOP/s of one core when nothing but multiply-adds in registers runs, in this very process.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { timeInTurn } from './measure.js';

const root = new URL('../../../', import.meta.url);

/** GFLOP/s of one core with the instructions of `build`. */
export function roofline(build: string): number {
  const out = `build/roofline-${build}.wasm`;
  const features = ['simd', ...(build === 'relaxed' ? ['relaxed-simd'] : [])].flatMap((name) => ['--enable', name]);
  const options = ['--config', 'none', '-O3', '--runtime', 'stub', '--noAssert', ...features, '-o', out];
  execFileSync(process.execPath, ['node_modules/assemblyscript/bin/asc.js', 'bench/assembly/roofline.ts', ...options], {
    cwd: root,
  });
  const module = new WebAssembly.Module(readFileSync(new URL(out, root)));
  const { rounds } = new WebAssembly.Instance(module).exports as { rounds: (count: number, factor: number) => number };
  const count = 200_000;
  const [{ median }] = timeInTurn([() => rounds(count, 1e-3)], { budget: 500, rounds: 5 });
  return (96 * count) / median / 1e6;
}
