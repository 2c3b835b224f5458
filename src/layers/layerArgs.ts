import type { layers } from '@tensorflow/tfjs-layers';

/** The arguments that every tfjs layer takes (`name`, `trainable`, ...), which tfjs-layers does not export. */
export type LayerArgs = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;
