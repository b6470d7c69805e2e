import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Client, HopAnswer } from '@tributary/client';
import { inference } from '@tributary/contract';

export const modelInfer = '/inference.GRPCInferenceService/ModelInfer';

/** An encoded ModelInferRequest; test upstreams answer it with itself. */
export function inferRequest(model: string, id = '', payload?: Uint8Array, version = ''): Uint8Array {
  return inference.ModelInferRequest.encode({
    modelName: model,
    modelVersion: version,
    id,
    ...(payload !== undefined && { rawInputContents: [payload] }),
  }).finish();
}

/** A load that is watched while it runs. */
export interface Load {
  /** Resolves once that many calls have ended. */
  reached(count: number): Promise<void>;
  /** Lets the calls under way end and resolves to what went wrong: nothing, where all were answered with their own bytes. */
  stop(): Promise<{ readonly calls: number; readonly failures: readonly string[] }>;
}

/** Calls a model with unique requests, `inFlight` at a time, until it is stopped; every answer must be its own request. */
export function startLoad(client: Client, model: string, inFlight: number, payloadBytes = 0): Load {
  let calls = 0;
  let stopped = false;
  const failures: string[] = [];
  const payload = payloadBytes > 0 ? Buffer.alloc(payloadBytes, 7) : undefined;
  const worker = async (name: number): Promise<void> => {
    for (let i = 0; !stopped; i++) {
      const request = inferRequest(model, `${name}-${i}`, payload);
      const answer = await client.callBytes(modelInfer, request);
      calls += 1;
      const fault = faultOf(answer, request);
      if (fault !== undefined) failures.push(fault);
    }
  };
  const workers = Array.from({ length: inFlight }, (_, name) => worker(name));
  return {
    reached: async (count) => {
      while (calls < count) await nextTurn();
    },
    stop: async () => {
      stopped = true;
      await Promise.all(workers);
      return { calls, failures };
    },
  };
}

function faultOf(answer: HopAnswer, request: Uint8Array): string | undefined {
  if (answer.message === undefined) return `${answer.code} ${answer.details}`;
  return Buffer.compare(answer.message, request) === 0 ? undefined : 'the answer of another call';
}
