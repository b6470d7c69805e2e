import { inference, rpcMethods, tributary, type RpcMethod } from '@tributary/contract';
import { loadGolden } from './golden';
import type { Random } from './random';

/** One request that nobody should send. */
export interface HostileRequest {
  readonly method: RpcMethod;
  readonly bytes: Buffer;
}

const { nlp, image, recommendation } = tributary;
const names = [
  '',
  'movies',
  'bge-small-en',
  'sentiment',
  'efficientnet-lite0',
  'none',
  '../../etc/passwd',
  '__proto__',
  ' ',
  'a\nb',
  'x'.repeat(10_000),
];
const versions = ['', '1', '2', '-1', 'abc', '9223372036854775808', '１'];
const texts = ['', ' ', 'fine', '\0\0', 'x'.repeat(70_000), '👩‍👩‍👧', '\u0301'.repeat(500), '漢'.repeat(700)];
const ids = [0, 1, 146, 318, 2 ** 53, 4_000_000_000];

/** A request of a random RPC: well-formed with strange values, or such a one with bytes changed, cut off, or made up. */
export function hostileRequest(random: Random): HostileRequest {
  const method = random.pick(
    [...rpcMethods.values()].filter(({ path, responseStream }) => !responseStream && !path.includes('grpc.')),
  );
  const strange = Buffer.from(strangeMessage(method, random));
  switch (random.below(4)) {
    case 0:
      return { method, bytes: random.bytes(random.below(64)) };
    case 1:
      return { method, bytes: strange.subarray(0, random.below(strange.length + 1)) };
    case 2: {
      const mutated = Buffer.from(strange);
      for (let n = 1 + random.below(4); n > 0 && mutated.length > 0; n--)
        mutated[random.below(mutated.length)] = random.below(256);
      return { method, bytes: mutated };
    }
    default:
      return { method, bytes: strange };
  }
}

function strangeMessage(method: RpcMethod, random: Random): Uint8Array {
  const named = { modelName: random.pick(names), modelVersion: random.pick(versions) };
  const someTexts = Array.from({ length: random.pick([0, 1, 2, 300]) }, () =>
    random.pick(texts.slice(0, random.below(8) + 1)),
  );
  const who = random.pick([
    {},
    { userId: random.pick(ids) },
    { liked: { itemIds: Array.from({ length: random.below(5) }, () => random.pick(ids)) } },
  ]);
  switch (method.requestType) {
    case 'tributary.nlp.v1.EmbedRequest':
    case 'tributary.nlp.v1.ClassifyRequest':
    case 'tributary.nlp.v1.TokenizeRequest':
      return nlp.v1.EmbedRequest.encode({ ...named, texts: someTexts }).finish();
    case 'tributary.image.v1.ClassifyRequest':
      return image.v1.ClassifyRequest.encode({
        ...named,
        image: random.bytes(random.below(200)),
        topK: random.below(5000),
      }).finish();
    case 'tributary.recommendation.v1.RecommendRequest':
      return recommendation.v1.RecommendRequest.encode({
        ...named,
        ...who,
        k: random.pick([0, 1, 10, 2 ** 32 - 1]),
        exclude: [random.pick(ids)],
        filter: {
          genresAny: random.pick([[], ['Drama'], ['Nonsense']]),
          yearFrom: random.pick([0, 1990, 3000]),
          yearTo: random.pick([0, 1980]),
        },
      }).finish();
    case 'tributary.recommendation.v1.ScoreRequest':
      return recommendation.v1.ScoreRequest.encode({
        ...named,
        ...who,
        candidates: random.pick([[], [318], [random.pick(ids)]]),
      }).finish();
    case 'tributary.recommendation.v1.SimilarItemsRequest':
      return recommendation.v1.SimilarItemsRequest.encode({
        ...named,
        itemId: random.pick(ids),
        k: random.pick([0, 3]),
      }).finish();
    case 'inference.ModelInferRequest':
      return strangeInference(named, random);
    default:
      return inference.ModelMetadataRequest.encode({ name: named.modelName, version: named.modelVersion }).finish();
  }
}

/** A right request for `movies` with something wrong about it. */
function strangeInference(named: { modelName: string; modelVersion: string }, random: Random): Uint8Array {
  const [golden] = loadGolden('recommendation', 'movies').cases;
  const inputs = [...golden!.inputs].map(([name, tensor]): { name: string; datatype: string; shape: number[] } => ({
    name,
    datatype: tensor.datatype,
    shape: [...tensor.shape],
  }));
  const raw = [...golden!.inputs].map(([, tensor]) => tensor.bytes);
  const [first] = inputs;
  switch (random.below(9)) {
    case 0:
      first!.name = random.pick(['nobody', 'items', '__proto__', '']);
      break;
    case 1:
      first!.datatype = random.pick(['FP32', 'BF16', 'nonsense', 'BYTES']);
      break;
    case 2:
      first!.shape = random.pick([
        [-1, 1],
        [],
        [1],
        [2 ** 31, 1],
        [65536, 65536, 65536, 65536],
        Array<number>(10_000).fill(1),
      ]);
      break;
    case 3:
      raw.pop();
      break;
    case 4:
      raw[0] = random.bytes(random.below(32));
      break;
    case 5:
      inputs.pop();
      break;
    case 6:
      inputs.push({ ...first! });
      raw.push(raw[0]!);
      break;
    case 7:
      return inference.ModelInferRequest.encode({
        ...named,
        modelName: 'movies',
        inputs: [{ ...first!, contents: { fp32Contents: [1, 2], int64Contents: random.pick([[], [1]]) } }],
        rawInputContents: random.pick([[], raw]),
      }).finish();
    default:
      break;
  }
  const outputs = random.pick([[], [{ name: 'nobody' }], [{ name: 'scores' }, { name: 'scores' }]]);
  return inference.ModelInferRequest.encode({
    modelName: random.pick(['movies', 'movies', 'movies', named.modelName]),
    modelVersion: random.pick(['', named.modelVersion]),
    id: random.pick(['', '42', 'evil\nid']),
    parameters: random.pick([
      {},
      { sequence_id: { int64Param: 1 } },
      { triton_secret: { boolParam: true } },
      { timeout: { stringParam: 'x' } },
    ]),
    inputs,
    outputs,
    rawInputContents: raw,
  }).finish();
}
