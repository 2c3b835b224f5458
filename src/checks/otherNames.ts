/**
 * What arguments of Keras, PyTorch and Hugging Face are called here, where spelling alone does not tell: in lower case and
 * without underscores. Of several names those are meant that the function at hand knows.
 */
export const otherNames: ReadonlyMap<string, readonly string[]> = new Map([
  // Optimizers and training.
  ['lr', ['learningRate']],
  ['alpha', ['learningRate', 'labelSmoothing']],
  ['eta', ['learningRate']],
  ['betas', ['beta1', 'beta2']],
  ['rho', ['beta2']],
  ['eps', ['epsilon']],
  ['decay', ['weightDecay']],
  ['l2', ['weightDecay']],
  ['wd', ['weightDecay']],
  ['maxnorm', ['globalClipnorm', 'clipNorm']],
  ['maxgradnorm', ['globalClipnorm', 'clipNorm']],
  ['gradientclipval', ['globalClipnorm', 'clipNorm']],
  ['nodecay', ['excludeFromWeightDecay']],
  ['numepochs', ['epochs']],
  ['numtrainepochs', ['epochs']],
  ['maxepochs', ['epochs']],
  ['perdevicetrainbatchsize', ['batchSize']],
  ['randomstate', ['seed']],
  ['randomseed', ['seed']],
  ['validationdata', ['validation']],
  ['earlystopping', ['patience']],
  ['numwarmupepochs', ['warmupEpochs']],
  ['lrschedule', ['schedule']],
  ['lrscheduler', ['schedule']],
  ['lrschedulertype', ['schedule']],
  ['sampleweight', ['weights', 'classWeights']],
  ['weight', ['weights', 'classWeights']],
  ['callbacks', ['onBatchEnd', 'onEpochEnd']],
  // Support vectors.
  ['tol', ['tolerance']],
  ['maxiter', ['maxIterations']],
  ['gamma', ['kernelScale']],
]);
