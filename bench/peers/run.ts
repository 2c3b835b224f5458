// npm run bench:peers: the same shapes and data on the same number of threads, in processes that take turns.

import { fourDigits, percent, Table } from '../format.js';
import { measureRows } from '../measureRows.js';
import { type Child, withChildren } from '../processes/childProcess.js';
import { ratio, spread, type Timing } from '../../src/benchmarks/timing.js';
import { type Effort, measureInTurn } from '../processes/turns.js';
import { select, type Settings } from '../settings.js';
import { type Case, cases, nameOf, type PeerFacts } from './cases.js';
import { checkResult } from './check.js';
import { findTorch } from './torch.js';

/** Who computes: one process for each number of threads. */
interface Peer {
  name: string;
  module: URL;
  build: string;
  /** Whether it has threads in Node. */
  threads: boolean;
  /** Whether it trains too. */
  steps: boolean;
}

const moduleOf = (name: string) => new URL(`${name}.js`, import.meta.url);
const others: readonly Peer[] = [
  ...['onnxruntime-web', 'onnxruntime-node'].map((name) => ({
    name,
    module: moduleOf('ort'),
    build: name,
    threads: true,
    steps: false,
  })),
  { name: 'tfjs', module: moduleOf('tfjs'), build: '', threads: false, steps: false },
];
/** The threads of onnxruntime-node were seen spinning 30 ms after a call. */
const REST_MS = 100;

export const OURS = 'primal-attention';

/** Milliseconds are medians of single calls. */
export interface PeerResult {
  case: string;
  peer: string;
  /** The kernel build, or the package's version. */
  version: string;
  threads: number;
  /** The faster way, where a peer has two. */
  way: string;
  milliseconds: number;
  quartiles: [number, number];
  flops: number;
  gflops: number;
  /** Our time relative to its, on as many threads, in turn with it; above 1 it is faster. */
  ours?: number;
  /** Largest difference from our result, relative to the largest value. */
  difference: number;
}

export interface PeersDocument {
  results: PeerResult[];
}

export const peerTable = new Table<PeerResult>([
  ['case', -21, (result) => result.case],
  ['of', -16, ({ peer }) => peer],
  ['build or version', -28, ({ version }) => version],
  ['threads', 7, ({ threads }) => `${threads}`],
  ['way', -18, ({ way }) => way],
  ['ms', 8, ({ milliseconds }) => fourDigits(milliseconds)],
  ['±', 5, ({ milliseconds: median, quartiles }) => percent(spread({ median, quartiles }))],
  ['GFLOP/s', 7, ({ gflops }) => gflops.toFixed(1)],
  ['its/ours', 8, ({ ours }) => (ours === undefined ? '' : (1 / ours).toFixed(2))],
]);

/** A peer's process. */
interface Runner {
  peer: Peer;
  child: Child;
}

/** By how much each way of each peer differs from our result. */
function differencesOf(one: Case, runners: readonly Runner[], facts: readonly PeerFacts[]): Record<string, number>[] {
  const expected = facts[0].results.ours;
  return facts.map(({ results }, index) => {
    const { peer, child } = runners[index];
    return Object.fromEntries(
      Object.entries(results).map(([way, result]) => {
        const what = `${peer.name}, ${way}, ${child.setting.threads} thread(s), ${nameOf(one)}`;
        return [way, checkResult(what, expected, result)];
      }),
    );
  });
}

async function measure(one: Case, all: readonly Runner[], effort: Effort): Promise<PeerResult[]> {
  const runners = all.filter(({ peer }) => one.kind !== 'step' || peer.steps);
  const compare = (facts: PeerFacts[]) => differencesOf(one, runners, facts);
  const assignments = runners.map(({ peer, child }) => ({ child, module: peer.module, job: one }));
  const measured = await measureInTurn<PeerFacts>(assignments, effort, compare);
  const differences = compare(measured.map(({ facts }) => facts));
  const oursOn = (threads: number): Timing | undefined =>
    measured.find(({ setting }, index) => runners[index].peer.name === OURS && setting.threads === threads)?.timings
      .ours;
  return measured.map(({ setting: { threads }, facts, timings }, index) => {
    const { name: peer } = runners[index].peer;
    const [way, timing] = Object.entries(timings).sort(([, a], [, b]) => a.median - b.median)[0];
    const { median: milliseconds, quartiles } = timing;
    const ours = oursOn(threads);
    const flops = measured[0].facts.flops!;
    return {
      ...{ case: nameOf(one), peer, version: facts.version, threads, way, milliseconds, quartiles },
      ...{ flops, gflops: flops / milliseconds / 1e6, difference: differences[index][way] },
      ...(ours && peer !== OURS && { ours: ratio(ours, timing) }),
    };
  });
}

/** Measures all cases that the filter leaves. */
export async function benchPeers(settings: Settings): Promise<PeersDocument> {
  const { filter, configurations, tfjs, log } = settings;
  const effort = { ...settings.effort, rest: REST_MS };
  const selected = select(cases, nameOf, filter, 'peers');
  const counts = [...new Set(configurations.map(({ threads }) => threads))];
  const compared = others.filter(({ name }) => name !== 'tfjs' || tfjs !== 'none');
  const python = findTorch();
  if (python) compared.push({ name: 'PyTorch', module: moduleOf('torch'), build: python, threads: true, steps: true });
  else log('skipped PyTorch, as no Python here has it (Debian: apt-get install python3-torch libopenblas0-pthread)\n');
  const peers = [
    ...configurations.map(({ threads, build }) => {
      const peer: Peer = { name: OURS, module: moduleOf('ours'), build, threads: true, steps: true };
      return { peer, threads };
    }),
    ...compared.flatMap((peer) =>
      counts.filter((count) => peer.threads || count === 1).map((threads) => ({ peer, threads })),
    ),
  ];
  const all = peers.map(({ peer: { build }, threads }) => ({ threads, build }));
  const results = await withChildren(all, false, (children) => {
    const runners = children.map((child, index) => ({ peer: peers[index].peer, child }));
    return measureRows(settings, peerTable, selected, (one) => measure(one, runners, effort));
  });
  return { results };
}
