// Generated from protos/ by `pnpm --filter @tributary/contract gen`. Do not edit.
'use strict';
const messages = require('./messages');
exports.unaryRpcs = {
  "grpc.health.v1.Health/Check": { request: messages.grpc.health.v1.HealthCheckRequest, response: messages.grpc.health.v1.HealthCheckResponse },
  "inference.GRPCInferenceService/ModelInfer": { request: messages.inference.ModelInferRequest, response: messages.inference.ModelInferResponse },
  "inference.GRPCInferenceService/ModelMetadata": { request: messages.inference.ModelMetadataRequest, response: messages.inference.ModelMetadataResponse },
  "inference.GRPCInferenceService/ModelReady": { request: messages.inference.ModelReadyRequest, response: messages.inference.ModelReadyResponse },
  "inference.GRPCInferenceService/RepositoryIndex": { request: messages.inference.RepositoryIndexRequest, response: messages.inference.RepositoryIndexResponse },
  "inference.GRPCInferenceService/ServerLive": { request: messages.inference.ServerLiveRequest, response: messages.inference.ServerLiveResponse },
  "inference.GRPCInferenceService/ServerMetadata": { request: messages.inference.ServerMetadataRequest, response: messages.inference.ServerMetadataResponse },
  "inference.GRPCInferenceService/ServerReady": { request: messages.inference.ServerReadyRequest, response: messages.inference.ServerReadyResponse },
  "tributary.image.v1.ImageService/Classify": { request: messages.tributary.image.v1.ClassifyRequest, response: messages.tributary.image.v1.ClassifyResponse },
  "tributary.model.v1.ModelService/ListModels": { request: messages.tributary.model.v1.ListModelsRequest, response: messages.tributary.model.v1.ListModelsResponse },
  "tributary.nlp.v1.NlpService/Classify": { request: messages.tributary.nlp.v1.ClassifyRequest, response: messages.tributary.nlp.v1.ClassifyResponse },
  "tributary.nlp.v1.NlpService/Embed": { request: messages.tributary.nlp.v1.EmbedRequest, response: messages.tributary.nlp.v1.EmbedResponse },
  "tributary.nlp.v1.NlpService/Tokenize": { request: messages.tributary.nlp.v1.TokenizeRequest, response: messages.tributary.nlp.v1.TokenizeResponse },
  "tributary.recommendation.v1.RecommendationService/Recommend": { request: messages.tributary.recommendation.v1.RecommendRequest, response: messages.tributary.recommendation.v1.RecommendResponse },
  "tributary.recommendation.v1.RecommendationService/Score": { request: messages.tributary.recommendation.v1.ScoreRequest, response: messages.tributary.recommendation.v1.ScoreResponse },
  "tributary.recommendation.v1.RecommendationService/SimilarItems": { request: messages.tributary.recommendation.v1.SimilarItemsRequest, response: messages.tributary.recommendation.v1.SimilarItemsResponse },
  "tributary.router.v1.RouterService/ListRoutes": { request: messages.tributary.router.v1.ListRoutesRequest, response: messages.tributary.router.v1.ListRoutesResponse },
};
exports.serverStreamRpcs = {
  "grpc.health.v1.Health/Watch": { request: messages.grpc.health.v1.HealthCheckRequest, response: messages.grpc.health.v1.HealthCheckResponse },
  "tributary.model.v1.ModelService/WatchModels": { request: messages.tributary.model.v1.WatchModelsRequest, response: messages.tributary.model.v1.WatchModelsResponse },
  "tributary.router.v1.RouterService/WatchRoutes": { request: messages.tributary.router.v1.WatchRoutesRequest, response: messages.tributary.router.v1.WatchRoutesResponse },
};
