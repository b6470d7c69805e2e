import type { EngineLog, Isolation } from '../engine';
import { BindingHost } from './binding/binding-host';
import { takeEarlyRunner } from './early-runner';
import { planMemory, readMemoryBudget } from './runner/memory-limit';
import { RunnerHost, type RunnerHostOptions } from './runner/runner-host';
import type { SessionHost, SessionHostEvents } from './session-host';

/** What a host is opened with. */
export interface SessionHostOptions {
  readonly isolation: Isolation;
  /** Lanes for calls. */
  readonly lanes: number;
  /** Most bytes of all outputs of a run. */
  readonly maxOutputBytes: number;
  /** What all runs together may take beside the sessions; undefined: what the machine or the container leaves, at most 1 GiB. */
  readonly runMemoryBytes: number | undefined;
  readonly events: SessionHostEvents;
  readonly log: EngineLog;
}

/** Opens what can be had of what was asked for; one line says what is lost with the rest. Only on the main thread. */
export function openSessionHost(options: SessionHostOptions): SessionHost {
  const { isolation, lanes, maxOutputBytes, events, log } = options;
  const started = takeEarlyRunner();
  if (isolation === 'binding') {
    started?.vessel.kill();
    log.info({ isolation: 'binding' }, "sessions are by onnxruntime-node's binding, one a lane, in this process");
    return new BindingHost({ lanes, maxOutputBytes, events });
  }
  const budget = readMemoryBudget();
  const memory = planMemory(budget, options);
  const wanted: RunnerHostOptions = { isolation: 'process', lanes, maxOutputBytes, ...memory, started, events };
  try {
    if (isolation === 'runner') {
      const host = new RunnerHost(wanted);
      log.info({ isolation: 'runner', ...memory, memory: budget }, 'sessions are in a process of their own');
      return host;
    }
    const host = new RunnerHost({ ...wanted, isolation: 'thread' });
    log.info({ isolation: 'none' }, 'sessions are in this process: a run that crashes ends the service');
    return host;
  } catch (problem) {
    started?.vessel.kill();
    log.warn(
      { isolation: 'binding', problem },
      "koffi cannot be used here, so onnxruntime-node's binding serves: a run cannot be stopped, a run that crashes ends the " +
        'service, each lane has its own copy of a model, and BF16, sequences, maps, optional inputs and model metadata are not served',
    );
    return new BindingHost({ lanes, maxOutputBytes, events });
  }
}
