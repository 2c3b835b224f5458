// Our code in the place of a layer's in tfjs-layers, which is found by name: a page without it does not load it.

import { serialization } from '@tensorflow/tfjs-core';

/**
 * @param name of the layer's class in tfjs's registry
 * @param fuse makes the method that takes the place of tfjs's
 * @param method which one; default `call`
 * @returns puts ours in that place, or tfjs's back; nothing happens where tfjs-layers is not loaded
 */
export function fuseLayer<Method>(
  name: string,
  fuse: (tfjsMethod: Method) => Method,
  method = 'call',
): (fused: boolean) => void {
  let methods: { ours: Method; tfjs: Method } | undefined;
  return (fused) => {
    const [layer] = serialization.SerializationMap.getMap().classNameMap[name] ?? [];
    if (!layer) return;
    const prototype = layer.prototype as unknown as Record<string, Method>;
    methods ??= { ours: fuse(prototype[method]), tfjs: prototype[method] };
    prototype[method] = fused ? methods.ours : methods.tfjs;
  };
}
