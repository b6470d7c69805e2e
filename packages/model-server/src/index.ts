export { createModelServer, type ModelServer, type ModelServerOptions } from './model-server';
export { inferenceMetricDefinitions } from './metrics/inference-metric-definitions';
export { modelServiceSettings, type ModelServiceDefinition } from './model-service-settings';
