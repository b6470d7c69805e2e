import { parentPort } from 'node:worker_threads';
import type { GraphReply, GraphRequest } from './graph-messages';
import { ProtoError } from './proto-scanner';
import type { ModelGraph } from './graph-model';
import { readGraph } from './read-graph';
import { proveRows } from './row-proof';
import { factsOf } from './scan-graph';

// Program of the thread that reads graphs and proves on them.

const graphs = new Map<number, ModelGraph>();

parentPort?.on('message', (request: GraphRequest) => {
  if (request.kind === 'forget') graphs.delete(request.handle);
  else parentPort?.postMessage(answer(request));
});

function answer(request: Exclude<GraphRequest, { kind: 'forget' }>): GraphReply {
  try {
    const graph = graphs.get(request.handle) ?? readGraph(request.path);
    graphs.set(request.handle, graph);
    if (request.kind === 'prove') return { kind: 'judged', verdict: proveRows(graph, request.signature) };
    return { kind: 'inspected', facts: factsOf(graph), verdict: proveRows(graph) };
  } catch (error) {
    const { message, code = '' } = error as NodeJS.ErrnoException;
    return { kind: 'failed', isMalformed: error instanceof ProtoError, message, code };
  }
}
