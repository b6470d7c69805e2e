/**
 * What the tuner works with, importable as `@tributary/engine/tuning`: the rooms of the engine behind its front door. Promises less
 * than the front door does: it changes with the engine.
 */
export { planCpus } from './cpu/plan-cpus';
export { signatureOf } from './models/signature';
export { planFile, renderModelPlan, type MeasuredCost, type ModelPlan } from './models/model-plan';
export { defaultMaxBatchSize } from './models/model-version';
export { graphFile, scanRepository, type RepositoryVersion } from './models/repository/scan-repository';
export { digestAt, digestOf, folderBytes, insideFolder, verifyDigests } from './models/repository/version-files';
export { GraphThread, type InspectedGraph } from './onnx/graph-thread';
export { ProtoError, ProtoScanner, writeWhole, type ProtoField } from './onnx/proto-scanner';
export { ProtoWriter } from './onnx/proto-writer';
export { scanGraph } from './onnx/scan-graph';
export { InlineLane, inlineMisfit } from './sessions/inline-lane';
export { openSessionHost } from './sessions/open-session-host';
export { disableOrtTelemetry } from './sessions/ort-environment';
export { defaultPrepackBudgetBytes, PrepackBudget } from './sessions/prepack-budget';
export { sampleDimensions, sampleInputs } from './sessions/sample-inputs';
export type { HostedSession, InferenceLane, RunEnd, SessionHost, TensorMemory } from './sessions/session-host';
export type { PackedTensor } from './tensors/pack-batch';
