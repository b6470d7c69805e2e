import type { serverStreamRpcs } from '@tributary/contract';
import { unaryRpcs } from '@tributary/contract';
import type { Filled } from './filled';

/** RPCs with one answer, by `service/method`. */
export type RpcName = keyof typeof unaryRpcs;

/** What the request of an RPC is made from; every field may be left out. */
export type RpcRequest<N extends RpcName> = Parameters<(typeof unaryRpcs)[N]['request']['encode']>[0];

/** What the response of an RPC is decoded to. */
export type RpcResponse<N extends RpcName> = Filled<ReturnType<(typeof unaryRpcs)[N]['response']['decode']>>;

/** RPCs with a stream of answers, by `service/method`. */
export type StreamRpcName = keyof typeof serverStreamRpcs;

/** What the request of an RPC with a stream of answers is made from. */
export type StreamRpcRequest<N extends StreamRpcName> = Parameters<
  (typeof serverStreamRpcs)[N]['request']['encode']
>[0];

/** What each answer of a stream is decoded to. */
export type StreamRpcResponse<N extends StreamRpcName> = Filled<
  ReturnType<(typeof serverStreamRpcs)[N]['response']['decode']>
>;

/** Tells whether a text is the name of an RPC with one answer. */
export function isRpcName(name: string): name is RpcName {
  return Object.hasOwn(unaryRpcs, name);
}
