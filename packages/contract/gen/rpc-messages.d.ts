// Generated from protos/ by `pnpm --filter @tributary/contract gen`. Do not edit.
import type { grpc, inference, tributary } from './messages';
/** Request and response of every RPC with one answer, by `service/method`. */
export declare const unaryRpcs: {
  readonly "grpc.health.v1.Health/Check": { readonly request: typeof grpc.health.v1.HealthCheckRequest; readonly response: typeof grpc.health.v1.HealthCheckResponse };
  readonly "inference.GRPCInferenceService/ModelInfer": { readonly request: typeof inference.ModelInferRequest; readonly response: typeof inference.ModelInferResponse };
  readonly "inference.GRPCInferenceService/ModelMetadata": { readonly request: typeof inference.ModelMetadataRequest; readonly response: typeof inference.ModelMetadataResponse };
  readonly "inference.GRPCInferenceService/ModelReady": { readonly request: typeof inference.ModelReadyRequest; readonly response: typeof inference.ModelReadyResponse };
  readonly "inference.GRPCInferenceService/RepositoryIndex": { readonly request: typeof inference.RepositoryIndexRequest; readonly response: typeof inference.RepositoryIndexResponse };
  readonly "inference.GRPCInferenceService/ServerLive": { readonly request: typeof inference.ServerLiveRequest; readonly response: typeof inference.ServerLiveResponse };
  readonly "inference.GRPCInferenceService/ServerMetadata": { readonly request: typeof inference.ServerMetadataRequest; readonly response: typeof inference.ServerMetadataResponse };
  readonly "inference.GRPCInferenceService/ServerReady": { readonly request: typeof inference.ServerReadyRequest; readonly response: typeof inference.ServerReadyResponse };
  readonly "tributary.image.v1.ImageService/Classify": { readonly request: typeof tributary.image.v1.ClassifyRequest; readonly response: typeof tributary.image.v1.ClassifyResponse };
  readonly "tributary.model.v1.ModelService/ListModels": { readonly request: typeof tributary.model.v1.ListModelsRequest; readonly response: typeof tributary.model.v1.ListModelsResponse };
  readonly "tributary.nlp.v1.NlpService/Classify": { readonly request: typeof tributary.nlp.v1.ClassifyRequest; readonly response: typeof tributary.nlp.v1.ClassifyResponse };
  readonly "tributary.nlp.v1.NlpService/Embed": { readonly request: typeof tributary.nlp.v1.EmbedRequest; readonly response: typeof tributary.nlp.v1.EmbedResponse };
  readonly "tributary.nlp.v1.NlpService/Tokenize": { readonly request: typeof tributary.nlp.v1.TokenizeRequest; readonly response: typeof tributary.nlp.v1.TokenizeResponse };
  readonly "tributary.recommendation.v1.RecommendationService/Recommend": { readonly request: typeof tributary.recommendation.v1.RecommendRequest; readonly response: typeof tributary.recommendation.v1.RecommendResponse };
  readonly "tributary.recommendation.v1.RecommendationService/Score": { readonly request: typeof tributary.recommendation.v1.ScoreRequest; readonly response: typeof tributary.recommendation.v1.ScoreResponse };
  readonly "tributary.recommendation.v1.RecommendationService/SimilarItems": { readonly request: typeof tributary.recommendation.v1.SimilarItemsRequest; readonly response: typeof tributary.recommendation.v1.SimilarItemsResponse };
  readonly "tributary.router.v1.RouterService/ListRoutes": { readonly request: typeof tributary.router.v1.ListRoutesRequest; readonly response: typeof tributary.router.v1.ListRoutesResponse };
};
/** Request and response of every RPC with a stream of answers, by `service/method`. */
export declare const serverStreamRpcs: {
  readonly "grpc.health.v1.Health/Watch": { readonly request: typeof grpc.health.v1.HealthCheckRequest; readonly response: typeof grpc.health.v1.HealthCheckResponse };
  readonly "tributary.model.v1.ModelService/WatchModels": { readonly request: typeof tributary.model.v1.WatchModelsRequest; readonly response: typeof tributary.model.v1.WatchModelsResponse };
  readonly "tributary.router.v1.RouterService/WatchRoutes": { readonly request: typeof tributary.router.v1.WatchRoutesRequest; readonly response: typeof tributary.router.v1.WatchRoutesResponse };
};
