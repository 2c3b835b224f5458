// Our code in the place of a layer's in tfjs-layers, which is found by name: a page without it does not load it.

import { serialization } from '@tensorflow/tfjs-core';

/**
 * @param name of the layer's class in tfjs's registry
 * @param fuse makes the `call` that takes the place of tfjs's
 * @returns puts ours in that place, or tfjs's back; nothing happens where tfjs-layers is not loaded
 */
export function fuseLayer<Call>(name: string, fuse: (tfjsCall: Call) => Call): (fused: boolean) => void {
  let calls: { ours: Call; tfjs: Call } | undefined;
  return (fused) => {
    const [layer] = serialization.SerializationMap.getMap().classNameMap[name] ?? [];
    if (!layer) return;
    const prototype = layer.prototype as unknown as { call: Call };
    calls ??= { ours: fuse(prototype.call), tfjs: prototype.call };
    prototype.call = fused ? calls.ours : calls.tfjs;
  };
}
