import { quoted, quotedJson } from '../checks/quoted.js';

type Settings = Record<string, unknown>;

const isObject = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A call of a layer: the calls whose outputs it takes, as `layer/number`. */
interface Call {
  name: string;
  takes: string[];
}

/** The calls of a layer of a functional model; a sentence if it is none. */
function callsOf(layer: unknown): Call[] | string {
  if (!isObject(layer) || typeof layer.name !== 'string') return 'a layer must have a name';
  const nodes = layer.inbound_nodes ?? layer.inboundNodes ?? [];
  const wrong = `inbound_nodes of ${quoted(layer.name)} was ${quotedJson(nodes)}; it must list the outputs that the layer takes`;
  if (!Array.isArray(nodes)) return wrong;
  if (nodes.length === 0) return [{ name: `${layer.name}/0`, takes: [] }]; // an input
  const calls: Call[] = [];
  for (const [index, node] of nodes.entries()) {
    if (!Array.isArray(node)) return wrong;
    const takes: string[] = [];
    for (const source of node as unknown[]) {
      if (!Array.isArray(source) || typeof source[0] !== 'string' || !Number.isInteger(source[1])) return wrong;
      takes.push(`${source[0]}/${source[1]}`);
    }
    calls.push({ name: `${layer.name}/${index}`, takes });
  }
  return calls;
}

/**
 * What is wrong with the graph of a functional model: tfjs would wait for ever for a layer that never comes.
 *
 * @param topology of a model file
 * @returns a sentence; undefined if every layer takes what other layers give, without a circle
 */
export function graphFault(topology: Settings): string | undefined {
  const model = isObject(topology.model_config) ? topology.model_config : topology;
  if (!isObject(model.config)) return 'config must be an object';
  const kind = model.class_name ?? model.className;
  if (kind === 'Sequential') return undefined;
  const { layers } = model.config;
  if (!Array.isArray(layers)) return 'layers must be a list';
  const pending: Call[] = [];
  for (const layer of layers) {
    const calls = callsOf(layer);
    if (typeof calls === 'string') return calls;
    const { config } = layer as Settings; // callsOf has seen an object
    const inner = isObject(config) && 'layers' in config ? graphFault(layer as Settings) : undefined; // a model as a layer
    if (inner !== undefined) return inner;
    pending.push(...calls);
  }
  const done = new Set<string>();
  for (let before = -1; before < done.size;) {
    before = done.size;
    for (const { name, takes } of pending) if (takes.every((source) => done.has(source))) done.add(name);
  }
  const left = pending.find(({ name }) => !done.has(name));
  if (!left) return undefined;
  const missing = left.takes.find((source) => !done.has(source))!;
  return `${quoted(left.name)} takes the output of ${quoted(missing)}, which never comes`;
}
