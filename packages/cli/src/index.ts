export { differences } from './compare';
export { type Example, loadExamples, runExample } from './examples';
export {
  defaultPorts,
  processNames,
  type ProcessName,
  startSystem,
  type System,
  type SystemOptions,
  SystemStartFailure,
} from './system';
export { supervise, type SupervisedProcess } from './supervisor';
export { createScreen, type Screen } from './screen';
export {
  createLoopback,
  createNamespaces,
  type HostOptions,
  type Network,
  type NetworkHost,
  whyNoNamespaces,
} from './stage/network';
export { type LoadPlan, type LoadReport } from './stage/paced-load';
export { type Replica, type ReplicaOptions, startReplica } from './stage/replica';
export { type Load, startVantage, type Vantage } from './stage/vantage';
