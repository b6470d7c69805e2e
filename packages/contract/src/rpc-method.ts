import { rpcMethodRows } from '../gen/rpc-methods';

/** One RPC of protos/. */
export interface RpcMethod {
  /** As in HTTP/2: `/tributary.nlp.v1.NlpService/Embed`. */
  readonly path: string;
  /** Full name of the service: `tributary.nlp.v1.NlpService`. */
  readonly service: string;
  /** Full names of the messages: `tributary.nlp.v1.EmbedRequest`. */
  readonly requestType: string;
  readonly responseType: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  /** Number of the request's field that names the model; absent where the RPC is about no one model. */
  readonly modelNameField?: number;
  /** Number of the request's field that names the version. */
  readonly modelVersionField?: number;
}

/** Every RPC of protos/, by path (with its leading slash). */
export const rpcMethods: ReadonlyMap<string, RpcMethod> = new Map(rpcMethodRows.map((method) => [method.path, method]));
