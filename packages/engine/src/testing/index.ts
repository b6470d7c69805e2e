/** ONNX files and tensors made in code, for tests and benchmarks of every package. Not for production. */
export * from './run-graphs';
export * from './onnx-model';
export * from './build-graph';
export * from './graphs';
export * from './hostile-tensors';
export * from './operator-graphs';
export * from './tensors';
export * from './write-repository';
export * from './row-traps';
