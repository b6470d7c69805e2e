/** Programs for model files before they are served: the tuner, and what writes a graph anew with its weights beside it. */
export { tuneModel, TuneError, type TuneOptions, type TunedPlacement, type TuneResult } from './tune-model';
export { moveWeights, type MovedWeights, type WeightTargets } from './move-weights';
export type { SharedWeights } from './share-weights';
