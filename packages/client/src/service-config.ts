/**
 * What a client of ours tells gRPC about calls, and what any other gRPC client should be told (docs/reliability.md): every address behind
 * the name gets its share, and a call that found its server gone is sent once or twice more, elsewhere. Inference has no side effects, so
 * nothing is done twice. Lasting trouble adds a tenth to the load: a retry takes a token, a good answer gives back a tenth of one, and below
 * half of the tokens there are no retries. Half of 1,000 is what may be under way at a server that is lost.
 */
export const recommendedServiceConfig = JSON.stringify({
  loadBalancingConfig: [{ round_robin: {} }],
  methodConfig: [
    {
      name: [{}],
      retryPolicy: {
        maxAttempts: 3,
        initialBackoff: '0.02s',
        maxBackoff: '0.2s',
        backoffMultiplier: 2,
        retryableStatusCodes: ['UNAVAILABLE'],
      },
    },
  ],
  retryThrottling: { maxTokens: 1000, tokenRatio: 0.1 },
});
