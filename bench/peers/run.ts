// npm run bench:peers: the same shapes and data on the same number of threads, in processes that take turns.

import { fourDigits, percent, Table } from '../format.js';
import { Child } from '../processes/childProcess.js';
import { ratio, spread, type Timing } from '../../src/benchmarks/timing.js';
import { takeTurns } from '../processes/turns.js';
import { select, type Settings } from '../settings.js';
import { type Case, cases, flopsOf, nameOf, type PeerFacts } from './cases.js';
import { checkResult } from './check.js';

/** Who computes: one process for each number of threads. */
interface Peer {
  name: string;
  module: URL;
  build: string;
  /** Whether it has threads in Node. */
  threads: boolean;
}

const moduleOf = (name: string) => new URL(`${name}.js`, import.meta.url);
const others: readonly Peer[] = [
  ...['onnxruntime-web', 'onnxruntime-node'].map((name) => ({
    name,
    module: moduleOf('ort'),
    build: name,
    threads: true,
  })),
  { name: 'tfjs', module: moduleOf('tfjs'), build: '', threads: false },
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
  ['build or version', -16, ({ version }) => version],
  ['threads', 7, ({ threads }) => `${threads}`],
  ['way', -18, ({ way }) => way],
  ['ms', 8, ({ milliseconds }) => fourDigits(milliseconds)],
  ['±', 5, ({ milliseconds: median, quartiles }) => percent(spread({ median, quartiles }))],
  ['GFLOP/s', 7, ({ gflops }) => gflops.toFixed(1)],
  ['its/ours', 8, ({ ours }) => (ours === undefined ? '' : (1 / ours).toFixed(2))],
]);

interface Runner {
  peer: Peer;
  child: Child;
}

async function measure(one: Case, runners: Runner[], effort: Settings['effort']): Promise<PeerResult[]> {
  const facts: PeerFacts[] = [];
  for (const { peer, child } of runners) facts.push(await child.open<PeerFacts>(peer.module, one, effort.warmUp));
  const expected = facts[0].results.ours;
  const differences = facts.map(({ results }, index) => {
    const { peer, child } = runners[index];
    return Object.fromEntries(
      Object.entries(results).map(([way, result]) => {
        const what = `${peer.name}, ${way}, ${child.setting.threads} thread(s), ${nameOf(one)}`;
        return [way, checkResult(what, expected, result)];
      }),
    );
  });
  const timings = await takeTurns(
    runners.map(({ child }) => child),
    effort,
  );
  for (const { child } of runners) await child.close();
  const oursOn = (threads: number): Timing | undefined => {
    return timings[runners.findIndex(({ peer, child }) => peer.name === OURS && child.setting.threads === threads)]
      ?.ours;
  };
  return runners.map(({ peer, child }, index) => {
    const { threads } = child.setting;
    const [way, timing] = Object.entries(timings[index]).sort(([, a], [, b]) => a.median - b.median)[0];
    const { median: milliseconds, quartiles } = timing;
    const ours = oursOn(threads);
    const flops = flopsOf(one);
    return {
      ...{ case: nameOf(one), peer: peer.name, version: facts[index].version, threads, way, milliseconds, quartiles },
      ...{ flops, gflops: flops / milliseconds / 1e6, difference: differences[index][way] },
      ...(ours && peer.name !== OURS && { ours: ratio(ours, timing) }),
    };
  });
}

/** Measures all cases that the filter leaves. */
export async function benchPeers({ filter, configurations, tfjs, log, ...settings }: Settings): Promise<PeersDocument> {
  const effort = { ...settings.effort, rest: REST_MS };
  const selected = select(cases, nameOf, filter, 'peers');
  const start = (peer: Peer, threads: number): Runner => ({ peer, child: Child.start({ threads, build: peer.build }) });
  const counts = [...new Set(configurations.map(({ threads }) => threads))];
  const compared = others.filter(({ name }) => name !== 'tfjs' || tfjs !== 'none');
  const runners = [
    ...configurations.map(({ threads, build }) =>
      start({ name: OURS, module: moduleOf('ours'), build, threads: true }, threads),
    ),
    ...compared.flatMap((peer) =>
      counts.filter((count) => peer.threads || count === 1).map((count) => start(peer, count)),
    ),
  ];
  const results: PeerResult[] = [];
  try {
    log(peerTable.header);
    for (const one of selected) {
      for (const result of await measure(one, runners, effort)) {
        results.push(result);
        log(peerTable.line(result));
      }
    }
  } finally {
    for (const { child } of runners) child.stop();
  }
  return { results };
}
