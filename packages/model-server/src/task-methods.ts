import { assertModelName, parseModelVersion, readModelName, rpcMethods, type RpcMethod } from '@tributary/contract';
import type { Engine, TaskCall, TaskTable } from '@tributary/engine';
import type { CallContext, Method } from '@tributary/serve';
import { TaskTrace } from './trace-stages';

/**
 * The task RPCs of a service: for every method of its tasks, "bytes in" to "bytes out" on a task lane. Only the model's name and
 * version are read here; everything else about a request is the task's.
 */
export function taskMethods(engine: Engine, tasks: TaskTable): Method[] {
  const methods = new Set(tasks.flatMap((task) => task.methods));
  return [...methods].map((method) => taskMethod(engine, method));
}

function taskMethod(engine: Engine, method: string): Method {
  const path = `/${method}`;
  const rpc = rpcMethods.get(path);
  if (rpc === undefined) throw new Error(`the tasks name ${method}, which is no RPC of protos/`);
  if (rpc.responseStream) {
    return {
      path,
      kind: 'serverStream',
      role: 'infer',
      handler: (request, context, write) =>
        perform(engine, taskCall(engine, method, rpc, request, context), context, write),
    };
  }
  return {
    path,
    kind: 'unary',
    role: 'infer',
    handler: async (request, context) => {
      let answer: Uint8Array | undefined;
      await perform(engine, taskCall(engine, method, rpc, request, context), context, (bytes) => {
        answer = bytes;
      });
      if (answer === undefined) throw new Error(`${method} ended without an answer`);
      return answer;
    },
  };
}

type OnAnswer = Parameters<Engine['perform']>[1];

async function perform(engine: Engine, call: TaskCall, { span }: CallContext, onAnswer: OnAnswer): Promise<void> {
  if (span === undefined) return engine.perform(call, onAnswer);
  const trace = new TaskTrace(span, call.model);
  await engine.perform({ ...call, onInference: trace.onInference }, onAnswer);
  trace.end();
}

function taskCall(engine: Engine, method: string, rpc: RpcMethod, request: Uint8Array, context: CallContext): TaskCall {
  const named = readModelName(rpc, request);
  if (named.model !== '') assertModelName(named.model, 'model_name');
  const version = parseModelVersion(named.version, 'model_version');
  const model = named.model === '' ? engine.defaultModel(method) : named.model;
  return {
    method,
    model,
    ...(version !== undefined && { version }),
    request,
    remainingMs: context.remainingMs(),
    signal: context.ending,
  };
}
