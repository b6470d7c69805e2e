// Generated from protos/ by `pnpm --filter @tributary/contract gen`. Do not edit.
import type { RpcMethod } from '../src/rpc-method';
export declare const rpcMethodRows: readonly RpcMethod[];
