import { decodeMessage, inference, refusal } from '@tributary/contract';
import { version, type UnaryHandler } from '@tributary/serve';
import { unary } from './unary';

const {
  ServerLiveRequest,
  ServerLiveResponse,
  ServerMetadataRequest,
  ServerMetadataResponse,
  ServerReadyRequest,
  ServerReadyResponse,
} = inference;

/** Name of the server in ServerMetadata. */
const serverName = 'tributary';

/** Extensions of Open Inference that work here, under the names that clients look for. */
const extensionNames = ['binary_tensor_data', 'classification', 'parameters', 'schedule_policy'];

/** How the process is, as the RPCs about the server see it. */
export interface ServerState {
  ready(): boolean;
  /** True once the process drains: then both questions are answered with an error, as Triton does. */
  readonly exiting: boolean;
}

/** `ServerLive`: true as long as the process answers. */
export function serverLive(state: ServerState): UnaryHandler {
  return unary((bytes) => {
    decodeMessage(ServerLiveRequest, bytes);
    refuseExiting(state);
    return ServerLiveResponse.encode({ live: true });
  });
}

/** `ServerReady`: the same as the health name `readiness`. */
export function serverReady(state: ServerState): UnaryHandler {
  return unary((bytes) => {
    decodeMessage(ServerReadyRequest, bytes);
    refuseExiting(state);
    return ServerReadyResponse.encode({ ready: state.ready() });
  });
}

/** `ServerMetadata`: name, version and the extensions that work. */
export const serverMetadata: UnaryHandler = unary((bytes) => {
  decodeMessage(ServerMetadataRequest, bytes);
  return ServerMetadataResponse.encode({ name: serverName, version, extensions: extensionNames });
});

function refuseExiting({ exiting }: ServerState): void {
  if (exiting) throw refusal('SERVER_EXITING', {});
}
