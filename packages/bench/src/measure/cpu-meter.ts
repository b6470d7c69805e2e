import { cpuSecondsOfTree } from '../process/process-cpu';
import type { Measurement } from './contestant';

/** Starts to watch a process and those it started; told the answers it gave meanwhile, the function says what each of them cost. */
export function startCpuMeter(pid: number): (answers: number) => Pick<Measurement, 'cpuUsPerAnswer'> {
  const before = cpuSecondsOfTree(pid);
  return (answers) => {
    const after = cpuSecondsOfTree(pid);
    if (before === undefined || after === undefined || answers === 0) return {};
    return { cpuUsPerAnswer: ((after - before) * 1e6) / answers };
  };
}
