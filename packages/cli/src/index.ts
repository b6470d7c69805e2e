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
