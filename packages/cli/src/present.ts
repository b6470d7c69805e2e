import type { RpcName, RpcResponse } from '@tributary/client';
import type { ExampleResult } from './examples';

/** An answer as a person would tell it; a few lines. */
export function presentAnswer({ example, answer }: ExampleResult): string[] {
  const present = presenters[example.rpc] as ((answer: never, request: Request) => string[]) | undefined;
  return present?.(answer as never, example.request) ?? [];
}

type Request = Readonly<Record<string, unknown>>;
type Presenters = { [N in RpcName]?: (answer: RpcResponse<N>, request: Request) => string[] };

const presenters: Presenters = {
  'tributary.image.v1.ImageService/Classify': ({ classes }, { image }) => [
    `${(image as { $file: string }).$file} shows`,
    ...classes.map(({ label, score }) => `  ${percent(score)}  ${label}`),
  ],
  'tributary.nlp.v1.NlpService/Embed': ({ embeddings }, request) => {
    const texts = request.texts as string[];
    const [first, ...others] = embeddings;
    const similarities = others
      .map(({ values }, i) => ({ text: texts[i + 1] ?? '', similarity: dot(first?.values ?? [], values) }))
      .sort((a, b) => b.similarity - a.similarity);
    return [
      `closest to "${texts[0] ?? ''}"`,
      ...similarities.map(({ text, similarity }) => `  ${similarity.toFixed(3)}  ${text}`),
    ];
  },
  'tributary.nlp.v1.NlpService/Classify': ({ results }, request) => {
    const texts = request.texts as string[];
    return [
      'mood of each text',
      ...results.map(
        ({ labels }, i) => `  ${percent(labels[0]?.score ?? 0)}  ${labels[0]?.label ?? ''}: ${texts[i] ?? ''}`,
      ),
    ];
  },
  'tributary.recommendation.v1.RecommendationService/Recommend': ({ items }, request) => [
    `for user ${String(request.user_id)}`,
    ...items.map(({ title, score, because }) => {
      const reasons = because.slice(0, 2).map((reason) => reason.title);
      return `  ${score.toFixed(3)}  ${title}${reasons.length > 0 ? `, because of ${reasons.join(' and ')}` : ''}`;
    }),
  ],
};

function percent(share: number): string {
  return `${(100 * share).toFixed(1).padStart(5)} %`;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
