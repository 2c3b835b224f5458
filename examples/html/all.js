// The whole package with its TensorFlow.js, for esbuild to make one file of: train.html imports that.

export * from 'primal-attention';
export * as tf from '@tensorflow/tfjs-core';
