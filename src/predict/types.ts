/** Where a saved model is: its folder or the address of its model.json, or what these hold. */
export type PredictorSource =
  | string
  | URL
  | {
      /** model.json, parsed. */
      model: object;
      /** Its weight files, one after the other. */
      weights: ArrayBuffer;
    };

/**
 * What products with weights compute with. 'int8': weights are whole numbers of 8 bits, with a scale for each output, and what
 * is multiplied with them whole numbers of 7 bits, with a scale and a zero point for each row, found as it comes; results,
 * biases, activations, attention's own products and weights of less than 32 inputs or outputs are float32.
 */
export type Precision = 'float32' | 'int8';

/** Options of `loadPredictor`. */
export interface PredictorOptions {
  /** Cases computed at once, at most: 1 to 1,048,576, default 1. More cases are cut up; memory grows with it. */
  batchSize?: number;
  /**
   * Threads to compute with, this one included; default 1. More need memory that threads share: Node, Deno, Bun, and pages
   * that are cross-origin isolated. Results are the same bits for any number.
   */
  threads?: number;
  /** What products with weights compute with; default 'float32'. */
  precision?: Precision;
  /**
   * The kernels, compiled, for runtimes that compile no bytes and load no modules either: one of the package's
   * `primal-attention/predict/*.wasm`.
   */
  module?: WebAssembly.Module;
}

/** What the model's cases are. */
export type CaseKind = 'series' | 'images' | 'tokens';

/**
 * A case as it is, not standardised. Series: positions of channels, or all numbers one after the other. Images: the numbers
 * of all pixels, row by row, channels last. Tokens: names separated by spaces, or their indices in the vocabulary.
 */
export type Case = readonly (readonly number[])[] | readonly number[] | Float32Array | Uint8Array | string;

/** What a model was trained to do. */
export type PredictionTask = keyof Predictions;

/** What a model says of a case, by its task. */
export interface Predictions {
  classification: {
    /** The most probable class. */
    label: string;
    /** In the order of `info.classNames`. */
    probabilities: Float32Array;
  };
  regression: {
    /** In the units of the targets that the model was trained on. */
    value: number;
  };
  forecasting: {
    /** [horizon][channels], in the units of the cases. */
    forecast: number[][];
  };
}

/** What a model says of a case: by default of a classifier. */
export type Prediction<Task extends PredictionTask = 'classification'> = Predictions[Task];

/** What a predictor is. */
export interface PredictorInfo {
  task: PredictionTask;
  kind: CaseKind;
  /** Of a case: [positions, channels], [height, width, channels] or [positions]; positions are the most that one may have. */
  inputShape: number[];
  /** Whether series may have any number of positions, and are resampled to those of `inputShape`, as in training. */
  resampled: boolean;
  /** None where the model gives numbers. */
  classNames: string[];
  /** Of what the model gives for a case: [classes], [horizon, channels] or, of a single number, []. */
  outputShape: number[];
  precision: Precision;
  /**
   * How products with weights are computed. With 'int8' it is WebAssembly's instruction for products of bytes that is fastest
   * here: a sum of four where the processor has it, else sums of two, else, without relaxed SIMD, of two in 16 bits.
   */
  products: 'float32' | 'i32x4.relaxed_dot_i8x16_i7x16_add_s' | 'i16x8.relaxed_dot_i8x16_i7x16_s' | 'i32x4.dot_i16x8_s';
  /** The kernels in use: 'simd', 'relaxed', or 'module' where they were given. */
  build: 'simd' | 'relaxed' | 'module';
  threads: number;
  /** Of memory, weights included. */
  bytes: number;
}
