export { previousAttemptsKey, wasLost } from './hop';
export type { Hop, HopAnswer, HopCall, HopKind, HopMetadata, HopOpening, HopStream, RelayTraffic } from './hop';
export { createChannelHop, type ChannelHopOptions } from './channel-hop';
export type { HopSecurity, HopTls } from './hop-security';
export { createRelayHop, type RelayHopOptions } from './relay/relay-hop';
export { createClient, type CallOptions, type Client, type ClientOptions, type Exchange } from './create-client';
export { CallError } from './call-error';
export type { InferRequest, InferResponse } from './tensor-messages';
export type { RpcName, RpcRequest, RpcResponse, StreamRpcName, StreamRpcRequest, StreamRpcResponse } from './rpcs';
export { joinHostPort, parseTarget, splitAddress, type Target } from './resolve-target';
export { createUpstreams, type SubsetOptions, type Upstreams, type UpstreamsOptions } from './upstreams';
export type { Upstream, UpstreamState } from './upstream';
export { UpstreamCounts } from './upstream-counts';
export type { ServedModel } from './served-model';
export {
  createBalancer,
  maxLosses,
  type BalancedAnswer,
  type BalancedCall,
  type Balancer,
  type BalancerOptions,
  type WatchedAttempt,
} from './balancer';
export { createRetryBudget, type RetryBudget } from './retry-budget';
export { chooseUpstream, type Random } from './choose-upstream';
export { isRpcName } from './rpcs';
export { recommendedServiceConfig } from './service-config';
