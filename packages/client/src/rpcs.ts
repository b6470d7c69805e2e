import { grpc, inference, tributary } from '@tributary/contract';
import type { Filled } from './filled';

/** Request and response of every RPC with one answer, by `service/method`. */
export const rpcs = {
  'tributary.image.v1.ImageService/Classify': {
    request: tributary.image.v1.ClassifyRequest,
    response: tributary.image.v1.ClassifyResponse,
  },
  'tributary.nlp.v1.NlpService/Embed': {
    request: tributary.nlp.v1.EmbedRequest,
    response: tributary.nlp.v1.EmbedResponse,
  },
  'tributary.nlp.v1.NlpService/Classify': {
    request: tributary.nlp.v1.ClassifyRequest,
    response: tributary.nlp.v1.ClassifyResponse,
  },
  'tributary.nlp.v1.NlpService/Tokenize': {
    request: tributary.nlp.v1.TokenizeRequest,
    response: tributary.nlp.v1.TokenizeResponse,
  },
  'tributary.recommendation.v1.RecommendationService/Recommend': {
    request: tributary.recommendation.v1.RecommendRequest,
    response: tributary.recommendation.v1.RecommendResponse,
  },
  'tributary.recommendation.v1.RecommendationService/SimilarItems': {
    request: tributary.recommendation.v1.SimilarItemsRequest,
    response: tributary.recommendation.v1.SimilarItemsResponse,
  },
  'tributary.recommendation.v1.RecommendationService/Score': {
    request: tributary.recommendation.v1.ScoreRequest,
    response: tributary.recommendation.v1.ScoreResponse,
  },
  'tributary.model.v1.ModelService/ListModels': {
    request: tributary.model.v1.ListModelsRequest,
    response: tributary.model.v1.ListModelsResponse,
  },
  'tributary.router.v1.RouterService/ListRoutes': {
    request: tributary.router.v1.ListRoutesRequest,
    response: tributary.router.v1.ListRoutesResponse,
  },
  'inference.GRPCInferenceService/ServerLive': {
    request: inference.ServerLiveRequest,
    response: inference.ServerLiveResponse,
  },
  'inference.GRPCInferenceService/ServerReady': {
    request: inference.ServerReadyRequest,
    response: inference.ServerReadyResponse,
  },
  'inference.GRPCInferenceService/ModelReady': {
    request: inference.ModelReadyRequest,
    response: inference.ModelReadyResponse,
  },
  'inference.GRPCInferenceService/ServerMetadata': {
    request: inference.ServerMetadataRequest,
    response: inference.ServerMetadataResponse,
  },
  'inference.GRPCInferenceService/ModelMetadata': {
    request: inference.ModelMetadataRequest,
    response: inference.ModelMetadataResponse,
  },
  'inference.GRPCInferenceService/ModelInfer': {
    request: inference.ModelInferRequest,
    response: inference.ModelInferResponse,
  },
  'inference.GRPCInferenceService/RepositoryIndex': {
    request: inference.RepositoryIndexRequest,
    response: inference.RepositoryIndexResponse,
  },
  'grpc.health.v1.Health/Check': {
    request: grpc.health.v1.HealthCheckRequest,
    response: grpc.health.v1.HealthCheckResponse,
  },
} as const;

/** RPCs with one answer, by `service/method`. */
export type RpcName = keyof typeof rpcs;

/** What the request of an RPC is made from; every field may be left out. */
export type RpcRequest<N extends RpcName> = Parameters<(typeof rpcs)[N]['request']['encode']>[0];

/** What the response of an RPC is decoded to. */
export type RpcResponse<N extends RpcName> = Filled<ReturnType<(typeof rpcs)[N]['response']['decode']>>;

/** Request and response of every RPC with a stream of answers, by `service/method`. */
export const streamRpcs = {
  'tributary.model.v1.ModelService/WatchModels': {
    request: tributary.model.v1.WatchModelsRequest,
    response: tributary.model.v1.WatchModelsResponse,
  },
  'tributary.router.v1.RouterService/WatchRoutes': {
    request: tributary.router.v1.WatchRoutesRequest,
    response: tributary.router.v1.WatchRoutesResponse,
  },
  'grpc.health.v1.Health/Watch': {
    request: grpc.health.v1.HealthCheckRequest,
    response: grpc.health.v1.HealthCheckResponse,
  },
} as const;

/** RPCs with a stream of answers, by `service/method`. */
export type StreamRpcName = keyof typeof streamRpcs;
export type StreamRpcRequest<N extends StreamRpcName> = Parameters<(typeof streamRpcs)[N]['request']['encode']>[0];
export type StreamRpcResponse<N extends StreamRpcName> = Filled<
  ReturnType<(typeof streamRpcs)[N]['response']['decode']>
>;

/** Tells whether a text is one of these names. */
export function isRpcName(name: string): name is RpcName {
  return Object.hasOwn(rpcs, name);
}
