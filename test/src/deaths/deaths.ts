import { fp32, int64, tensor } from '@tributary/engine/testing';
import type { Death, Patient } from './death';

const lowest = -(2n ** 63n);

function signalled(name: string, signal: NodeJS.Signals, times: number): Death {
  return {
    name,
    fault: `the process that holds the sessions gets ${signal}`,
    times,
    hurt: (patient: Patient): Promise<undefined> => {
      patient.hurtRunner(signal);
      return Promise.resolve(undefined);
    },
  };
}

/** Every death that is tried, in the order in which they are. */
export const deaths: readonly Death[] = [
  {
    name: 'SIGFPE of a run',
    fault: 'a call divides the lowest INT64 by -1',
    times: 20,
    guilty: 'RUN_CRASHED',
    hurt: async (patient: Patient): Promise<string | undefined> => {
      const heard = await patient.ask('divide', { a: int64([1], [lowest]), b: int64([1], [-1]) });
      // One good run: the model must not rest after three deaths in a row.
      await patient.ask('divide', { a: int64([1], [6]), b: int64([1], [3]) });
      return heard;
    },
  },
  signalled('SIGABRT of the runner', 'SIGABRT', 20),
  signalled('SIGSEGV of the runner', 'SIGSEGV', 20),
  signalled('SIGKILL of the runner', 'SIGKILL', 200),
  {
    name: 'memory of a run',
    fault: 'a call asks for 2^29 floats; runs may take 256 MiB',
    times: 20,
    flags: ['--run-memory=256MiB'],
    guilty: 'RUN_OUT_OF_MEMORY',
    hurt: (patient: Patient): Promise<string> =>
      patient.ask('expand', { input: fp32([1], [1]), size: int64([1], [2 ** 29]) }),
  },
  {
    name: 'a loop without an end',
    fault: 'a call with a deadline of 0.5 s starts a loop that never ends',
    times: 20,
    guilty: 'DEADLINE_EXCEEDED',
    hurt: (patient: Patient): Promise<string> =>
      patient.ask('endless', { input: fp32([4], [1, 2, 3, 4]), forever: tensor('BOOL', [], Uint8Array.of(1)) }, 500),
  },
  {
    ...signalled('SIGSTOP of the runner', 'SIGSTOP', 3),
    fault: 'the process that holds the sessions stands still; a run may take 3 s, and 2 s more to give way',
    flags: ['--run-timeout=3s'],
    isOfService: true,
  },
  {
    name: 'SIGKILL of the service',
    fault: 'the process that holds the port gets SIGKILL; there is no router and no other replica',
    times: 5,
    isOfService: true,
    hurt: async (patient: Patient): Promise<string | undefined> => {
      await patient.killService();
      return undefined;
    },
  },
];
