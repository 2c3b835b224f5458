import type { Graph, Reference } from './modelJson.js';
import type { planLayers } from './planLayers.js';

/**
 * What a layer gives: a sequence whose valid positions depend on valid positions alone; such a one with 0 in all others; or
 * what has no positions any more.
 */
type Kind = 'sequence' | 'masked sequence' | 'case';

/** What a layer makes of what it is given first; undefined where padding has a part in it. */
type Rule = (x: Kind, hasLengths: boolean) => Kind | undefined;

const same: Rule = (x) => x;
/** Each position by itself. */
const each: Rule = (x) => (x === 'case' ? x : 'sequence');
/** Of valid positions alone, where the layer is given their numbers. */
const ofValid =
  (kind: Kind): Rule =>
  (_, hasLengths) =>
    hasLengths ? kind : undefined;

/** A layer that is not named may read padding. */
const rules: Partial<Record<keyof typeof planLayers | 'Softmax', Rule>> = {
  SeededDropout: same,
  Dropout: same,
  FusedDense: each,
  GeluActivation: each,
  TokenEmbedding: each,
  PositionEmbedding: each,
  SinePositionEncoding: each,
  SequenceBatchNormalization: each,
  SequenceLayerNormalization: each,
  SequenceRmsNormalization: each,
  MultiHeadAttention: ofValid('sequence'),
  TransformerEncoderLayer: ofValid('sequence'),
  MaskPadding: ofValid('masked sequence'),
  AveragePositions: ofValid('case'),
  FirstPosition: () => 'case',
  // `PlanOps.flatten` puts zeros where positions are missing.
  Flatten: (x) => (x === 'sequence' ? undefined : 'case'),
  Softmax: (x) => (x === 'case' ? x : undefined),
};

/** Whether what a model says of a case may depend on the padding behind it. If not, a plan may do without. */
export function needsPadding({ layers, inputs: [first, lengths], outputs: [output] }: Graph): boolean {
  const isLengths = ([name]: Reference) => name === lengths?.[0];
  const kinds = new Map<string, Kind | undefined>([[first.join(), 'sequence']]);
  const kindOf = (reference: Reference): Kind | undefined => {
    const [name, call] = reference;
    const key = [name, call, 0].join();
    if (kinds.has(key)) return kinds.get(key);
    const { className, calls } = layers.get(name)!;
    const given = calls[call];
    const of = given.filter((one) => !isLengths(one)).map(kindOf);
    const rule = rules[className as keyof typeof rules];
    const kind = of.includes(undefined) ? undefined : rule?.(of[0]!, given.some(isLengths));
    kinds.set(key, kind);
    return kind;
  };
  return kindOf(output) !== 'case';
}
