import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayerVariable, type Shape, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { checkTensor } from '../checks/tensors.js';
import { check, checkOptions } from '../checks/values.js';
import { boolean } from '../checks/rules.js';
import { constrain } from './constrain.js';
import { type Argument, checkArguments, resolveArguments, type Settings, weightArgument } from './layerArguments.js';
import { getInitializer } from './initializers.js';
import { type Constraint, type Initializer, makeObject, type SerializedObject } from './kerasObjects.js';
import {
  checkForms,
  checkInitialWeights,
  checkKinds,
  checkTypes,
  formatSizes,
  type InputForm,
  shapesOf,
} from './layerInputs.js';
import { listOf } from './listOf.js';
import { followMasks, followSources, masksOf } from './modelMasks.js';

/** How a layer is called. */
export interface CallOptions {
  /** Whether dropout works and batch statistics are taken; default false. */
  training?: boolean;
  /**
   * A Keras mask of the first input, [B, N]: true or 1 where valid; or a list of each input's, null for none. Default: the
   * masks that the inputs carry (`kerasMask`), as layers with masks leave them.
   */
  mask?: tf.Tensor | (tf.Tensor | null)[];
}

/** What a call computes from, beside its inputs. */
export type Call<Options extends CallOptions = CallOptions> = Omit<Options, 'mask' | 'training'> & {
  training: boolean;
  /** Of each input, null where there is none. */
  masks: (tf.Tensor | null)[];
};

/** What `computeMask` gives where there is no mask; tfjs's types do not know it. */
export const noMask = null as unknown as tf.Tensor;

type Inputs = tf.Tensor | tf.Tensor[];
type Table = Readonly<Record<string, Argument<never>>>;

/** What is common to our layers: arguments by a table, inputs checked before anything happens, masks of all inputs. */
export abstract class CheckedLayer<Arguments extends Table, Options extends CallOptions = CallOptions>
  extends layers.Layer
{
  /** The arguments, with defaults in their place. */
  protected readonly settings: Settings<Arguments>;
  /** Its class, as errors name it. */
  protected readonly owner: string;
  /** Sizes of the last axis of each input by its name, when the weights were made. */
  private widths?: ReadonlyMap<string, number | null>;

  /**
   * @param args as given, or as saved
   * @param table its own arguments
   * @throws Error that names an argument which is unknown or wrong
   */
  constructor(args: object, table: Arguments) {
    const owner = (new.target as unknown as { className: string }).className;
    const given = checkArguments(owner, table, args);
    super(given);
    this.owner = owner;
    this.settings = resolveArguments(owner, table, args);
    if (given.dtype) this.dtype = given.dtype;
    this.supportsMasking = true;
    // tfjs would set masks without those of the inputs; apply does it.
    Object.assign(this, { setMaskMetadata: () => undefined });
    followMasks(this);
  }

  /** A layer of its configuration, as model files hold it. */
  static override fromConfig<T extends tf.serialization.Serializable>(
    constructor: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    if (typeof config !== 'object' || config === null) return new constructor(config);
    // tfjs adds classes that the model does not have.
    const own = Object.entries(config).filter(([name]) => name !== 'customObjects');
    return new constructor(Object.fromEntries(own));
  }

  /** What the inputs of a call must be, for that many of these ranks; throws Error if there are too many or too few. */
  protected abstract inputForms(shapes: readonly Shape[]): readonly InputForm[];

  /** The output, or outputs, of inputs that were checked. */
  protected abstract compute(inputs: tf.Tensor[], call: Call<Options>): Inputs;

  /** The output's shape, or shapes, for inputs of shapes that were checked. */
  protected abstract shapeOfOutput(shapes: Shape[]): Shape | Shape[];

  /** Names of the options that a call takes beside those of all layers. */
  protected callNames(): readonly string[] {
    return [];
  }

  /** Sizes that must fit together, or the arguments; ranks were checked, and null fits everything. */
  protected checkSizes(shapes: readonly Shape[]): void;
  protected checkSizes(): void {}

  /** Makes the weights for inputs of shapes that were checked. */
  protected addWeights(shapes: Shape[]): void;
  protected addWeights(): void {}

  /** The masks of the outputs: by default that of the first input, or null. */
  protected outputMask(_inputs: tf.Tensor[], masks: (tf.Tensor | null)[]): Inputs | null {
    return masks[0] ?? null;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shapes = shapesOf(inputShape);
    this.checkShapes(shapes);
    try {
      this.addWeights(shapes);
      const { initialWeights } = this;
      if (initialWeights) checkInitialWeights(this.owner, this.weights, initialWeights);
    } catch (error) {
      this.unbuild();
      throw error;
    }
    const forms = this.inputForms(shapes);
    this.widths = new Map(shapes.map((shape, index) => [forms[index].name, shape[shape.length - 1]]));
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const shapes = shapesOf(inputShape);
    this.checkShapes(shapes);
    return this.shapeOfOutput(shapes);
  }

  override computeMask(inputs: Inputs = [], mask?: Inputs | null): Inputs {
    return this.outputMask(listOf(inputs), mask ? listOf<tf.Tensor | null>(mask) : []) ?? noMask;
  }

  override apply(
    inputs: Inputs | SymbolicTensor | SymbolicTensor[],
    options?: Options,
  ): Inputs | SymbolicTensor | SymbolicTensor[] {
    this.checkCall(options);
    const given = listOf<tf.Tensor | SymbolicTensor>(inputs);
    if (given.length > 0 && given.every((one) => one instanceof SymbolicTensor)) {
      this.checkInputs(given);
      followSources(given);
      return super.apply(inputs, { ...options });
    }
    const tensors = this.checkTensors(given);
    const { built } = this;
    try {
      const masks = masksOf(tensors, options);
      const outputs = super.apply(inputs, { ...options, mask: masks }) as Inputs;
      const outputMasks = listOf<tf.Tensor | null>(this.outputMask(tensors, masks));
      listOf(outputs).forEach((output, index) => {
        const mask = outputMasks[index];
        // tfjs disposes a tensor's mask with the tensor: one that was given stays the caller's.
        const kerasMask = mask && masks.includes(mask) ? tf.clone(mask) : (mask ?? undefined);
        (output as { kerasMask?: tf.Tensor }).kerasMask = kerasMask;
      });
      return outputs;
    } catch (error) {
      // As if the call had not been.
      if (!built) this.unbuild();
      throw error;
    }
  }

  override call(inputs: Inputs, kwargs?: Record<string, unknown>): Inputs {
    const options = kwargs as Options | undefined;
    this.checkCall(options);
    const tensors = this.checkTensors(listOf(inputs));
    if (!this.built) throw new Error(`${this.owner}: it was not built; call apply, which makes its weights`);
    const call = { ...options, training: options?.training ?? false, masks: masksOf(tensors, options) };
    return tf.tidy(() => this.compute(tensors, call as unknown as Call<Options>));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...(this.settings as unknown as tf.serialization.ConfigDict) };
  }

  /**
   * Makes a weight with the initializer, regularizer and constraint among the arguments.
   *
   * @param prefix of their names: 'kernel' for kernelInitializer and so on
   * @param more a seed for an initializer without one, or an initializer in its place; what a constraint becomes here
   */
  protected addWeightOf(
    prefix: string,
    name: string,
    shape: Shape,
    more: {
      seed?: number | null;
      initializer?: Initializer;
      constrained?: (constraint: Constraint) => Constraint;
    } = {},
  ): LayerVariable {
    const of = (kind: Parameters<typeof weightArgument>[1]) =>
      (this.settings as Readonly<Record<string, SerializedObject | null>>)[weightArgument(prefix, kind)];
    const initial = more.initializer ?? getInitializer(of('Initializer')!, more.seed ?? undefined);
    const [regularizer, constraint] = [of('Regularizer'), of('Constraint')];
    const penalty = regularizer ? makeObject<never>('regularizer', regularizer) : undefined;
    const weight = this.addWeight(name, shape, 'float32', initial, penalty);
    if (constraint) {
      const made = makeObject<Constraint>('constraint', constraint);
      constrain(weight, more.constrained ? more.constrained(made) : made);
    }
    return weight;
  }

  /** Checks that an input's last axis has the size that the weights were made for. */
  protected checkWidth(name: string, shape: Shape): void {
    const [was, must] = [shape[shape.length - 1], this.widths?.get(name)];
    if (was == null || must == null || was === must) return;
    const form = [...shape.slice(0, -1), must];
    throw new Error(
      `${this.owner}: ${name} was ${formatSizes(shape)}; it must be ${formatSizes(form)}, as its weights were made for`,
    );
  }

  /** The shape of the input where the layer is the first of a model, unless inputShape said it. */
  protected startWith(shape: Shape): void {
    const { batchInputShape = shape, dtype = 'float32' } = this as { batchInputShape?: Shape; dtype?: tf.DataType };
    Object.assign(this, { batchInputShape, dtype });
  }

  /** Takes back what build did. */
  protected unbuild(): void {
    for (const weight of new Set(this.weights)) weight.dispose();
    Object.assign(this, { _trainableWeights: [], _nonTrainableWeights: [], _losses: [], _addedWeightNames: [] });
    this.widths = undefined;
    this.built = false;
    this._refCount = null;
  }

  private checkCall(options: Options | undefined | null): void {
    if (options === undefined || options === null) return;
    checkOptions(`${this.owner}: call`, options, ['training', 'mask', ...this.callNames()]);
    const { training, mask } = options;
    for (const one of mask ? listOf<tf.Tensor | null>(mask) : []) {
      if (one) checkTensor(this.owner, 'mask', one, ['bool', 'int32', 'float32']);
    }
    if (training !== undefined && training !== null) check(this.owner, 'training', training, boolean);
  }

  private checkTensors(given: readonly unknown[]): tf.Tensor[] {
    this.checkInputs(given as tf.Tensor[]);
    return given as tf.Tensor[];
  }

  /** Tensors or symbolic ones. */
  private checkInputs(given: readonly (tf.Tensor | SymbolicTensor)[]): void {
    checkKinds(this.owner, given);
    checkTypes(this.owner, given, this.checkShapes(given.map(({ shape }) => shape)));
  }

  private checkShapes(shapes: readonly Shape[]): readonly InputForm[] {
    const forms = this.inputForms(shapes);
    checkForms(this.owner, shapes, forms);
    this.checkSizes(shapes);
    return forms;
  }
}
