// The parts of tfjs's model.json that a plan is made from.

/** What a weight is, and how it is stored. */
export interface WeightSpec {
  name: string;
  shape: number[];
  dtype: string;
  quantization?: { dtype: string; scale?: number; min?: number };
}

/** An output of a layer: its name, which of its calls, which of that call's outputs. */
export type Reference = [layer: string, call: number, output: number];

/** A layer of the model. */
export interface LayerSpec {
  name: string;
  className: string;
  /** As the layer has it: names in camel case. */
  config: Record<string, unknown>;
  /** What each of its calls is given. */
  calls: Reference[][];
}

export interface Graph {
  layers: Map<string, LayerSpec>;
  inputs: Reference[];
  outputs: Reference[];
}

type Json = Record<string, unknown>;

const camelCase = (text: string) => text.replace(/_+(\w|$)/g, (_, letter: string) => letter.toUpperCase());

/** tfjs writes configurations in Python's spelling, words such as 'gelu_tanh' among them; names stay as they are. */
function inCamelCase(value: unknown): unknown {
  if (typeof value === 'string') return camelCase(value);
  if (Array.isArray(value)) return value.map(inCamelCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, own]) => {
      if (name === 'name' && typeof own === 'string') return [name, own];
      return [camelCase(name), inCamelCase(own)];
    }),
  );
}

const fail = (reason: string, cause?: unknown) =>
  new Error(`loadPredictor: model.json was no layers model: ${reason}`, { cause });

/** Layers one after the other, without calls of their own: each is given what the one before it gives. */
function chained(layers: Json[]): Graph {
  const [first] = layers;
  const shape = (first?.config as Json | undefined)?.batch_input_shape;
  if (!shape) throw fail('its first layer has no batch_input_shape');
  const input = { class_name: 'InputLayer', config: { name: 'input', batch_input_shape: shape } };
  const all = first.class_name === 'InputLayer' ? layers : [input, ...layers];
  const specs = all.map((layer, index) => {
    const { name } = layer.config as { name: string };
    const before = index === 0 ? [] : [[(all[index - 1].config as { name: string }).name, 0, 0]];
    return { ...layer, name, inbound_nodes: index === 0 ? [] : [before] };
  });
  const ends = [specs[0], specs.at(-1)!].map(({ name }): Reference[] => [[name, 0, 0]]);
  return { layers: readLayers(specs), inputs: ends[0], outputs: ends[1] };
}

function readLayers(layers: Json[]): Map<string, LayerSpec> {
  return new Map(
    layers.map((layer) => {
      const {
        name,
        class_name,
        config,
        inbound_nodes = [],
      } = layer as unknown as {
        name: string;
        class_name: string;
        config: Json;
        inbound_nodes?: Reference[][];
      };
      const spec = { name, className: class_name, config: inCamelCase(config) as Json, calls: inbound_nodes };
      return [name, spec];
    }),
  );
}

/**
 * @param model parsed model.json
 * @throws Error if it is no layers model of tfjs
 */
export function readGraph(model: unknown): Graph {
  const { modelTopology } = (model ?? {}) as { modelTopology?: Json };
  const topology: { class_name?: string; config?: Json | Json[] } | undefined =
    (modelTopology?.model_config as Json | undefined) ?? modelTopology;
  if (!topology?.config) throw fail('it has no modelTopology');
  const { config, class_name } = topology;
  const layers = Array.isArray(config) ? config : config.layers;
  if (!Array.isArray(layers)) throw fail('its modelTopology has no layers');
  if (class_name === 'Sequential') return chained(layers as Json[]);
  const { input_layers, output_layers } = config as { input_layers?: Reference[]; output_layers?: Reference[] };
  if (!input_layers || !output_layers) throw fail('its modelTopology has no input_layers and output_layers');
  const graph = { layers: readLayers(layers as Json[]), inputs: input_layers, outputs: output_layers };
  checkReferences(graph);
  return graph;
}

/** Throws Error that names a layer which is not there, or one that is given what is made of it. */
function checkReferences({ layers, inputs, outputs }: Graph): void {
  const done = new Set<string>();
  const check = (references: readonly Reference[], before: ReadonlySet<string>) => {
    for (const [name, call] of references) {
      const key = `${name} ${call}`;
      if (done.has(key)) continue;
      const layer = layers.get(name);
      if (!layer) throw fail(`it has no layer '${name}'`);
      if (before.has(key)) throw fail(`layer '${name}' is given what is made of it`);
      check(layer.calls[call] ?? [], new Set([...before, key]));
      done.add(key);
    }
  };
  check([...inputs, ...outputs], new Set());
}

/**
 * @param model parsed model.json
 * @returns its weights in the order of their bytes
 * @throws Error if there is no list of them
 */
export function readWeightSpecs(model: unknown): { paths: string[]; specs: WeightSpec[] } {
  const { weightsManifest } = (model ?? {}) as { weightsManifest?: { paths: string[]; weights: WeightSpec[] }[] };
  if (!Array.isArray(weightsManifest)) throw fail('it has no weightsManifest');
  return {
    paths: weightsManifest.flatMap(({ paths }) => paths),
    specs: weightsManifest.flatMap(({ weights }) => weights),
  };
}
