// Gradients of our gradient kernels: there are none, and an error says so.

import { type GradConfig, getGradient, registerGradient } from '@tensorflow/tfjs-core';

/** Registers the errors, once. @param kernels all of ours */
export function refuseSecondDerivatives(kernels: readonly string[]): void {
  for (const kernelName of kernels.filter((name) => name.endsWith('Grad'))) {
    if (getGradient(kernelName) as GradConfig | undefined) continue;
    registerGradient({
      kernelName,
      gradFunc() {
        throw new Error(
          `${kernelName}: a second derivative was asked for; this operation has first derivatives only. tfjs's own ` +
            'operations may have them: init({ acceleration: false })',
        );
      },
    });
  }
}
