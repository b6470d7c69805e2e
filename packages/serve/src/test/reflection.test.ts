import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { grpc, Status } from '@tributary/contract';
import { frame } from './raw-client';
import { startServing, type Serving } from './serving';

const { ServerReflectionRequest, ServerReflectionResponse } = grpc.reflection.v1;
type Question = grpc.reflection.v1.ServerReflectionRequest.$Properties;

let serving: Serving;

beforeEach(async () => {
  serving = await startServing();
});

afterEach(() => serving.close());

async function ask(
  questions: readonly Question[],
  version = 'v1',
): Promise<grpc.reflection.v1.ServerReflectionResponse[]> {
  const frames = questions.map((question) => frame(ServerReflectionRequest.encode(question).finish()));
  const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
  const { code, messages } = await serving.client.send(path, Buffer.concat(frames));
  expect(code).toBe(Status.OK);
  return messages.map((message) => ServerReflectionResponse.decode(message));
}

const fileNames = (answer: grpc.reflection.v1.ServerReflectionResponse | undefined): string[] =>
  // The name is the first field of a file: tag 0x0a, length, text.
  (answer?.fileDescriptorResponse?.fileDescriptorProto ?? []).map((file) =>
    Buffer.from(file.subarray(2, 2 + file[1]!)).toString(),
  );

describe('reflection', () => {
  it.each(['v1', 'v1alpha'])('%s lists what is served and nothing else', async (version) => {
    const [answer] = await ask([{ listServices: '' }], version);
    expect(answer?.listServicesResponse?.service?.map(({ name }) => name)).toEqual([
      'demo.Demo',
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'tributary.relay.v1.RelayService',
    ]);
  });

  it('finds the file of a service, a method, a message and a nested enum, with its imports', async () => {
    const symbols = [
      'tributary.nlp.v1.NlpService',
      'tributary.nlp.v1.NlpService.Embed',
      'tributary.nlp.v1.EmbedRequest',
      'grpc.health.v1.HealthCheckResponse.ServingStatus',
    ];
    const answers = await ask(symbols.map((fileContainingSymbol) => ({ fileContainingSymbol })));
    expect(answers.map((answer) => fileNames(answer)[0])).toEqual([
      'tributary/nlp/v1/nlp.proto',
      'tributary/nlp/v1/nlp.proto',
      'tributary/nlp/v1/nlp.proto',
      'grpc/health/v1/health.proto',
    ]);
    expect(fileNames(answers[0])).toContain('tributary/common/v1/timing.proto');
    const [byName] = await ask([{ fileByFilename: 'tributary/nlp/v1/nlp.proto' }]);
    expect(byName?.fileDescriptorResponse).toEqual(answers[0]?.fileDescriptorResponse);
  });

  it('says NOT_FOUND of unknown names and of extensions, on a stream that goes on', async () => {
    const answers = await ask([
      { fileByFilename: '../../etc/passwd' },
      { fileContainingSymbol: '__proto__' },
      { allExtensionNumbersOfType: 'tributary.nlp.v1.EmbedRequest' },
      { fileContainingExtension: { containingType: 'tributary.nlp.v1.EmbedRequest', extensionNumber: 1 } },
      {},
    ]);
    expect(answers.map((answer) => answer.errorResponse?.errorCode)).toEqual([5, 5, 5, 5, Status.INVALID_ARGUMENT]);
  });

  it('case 17: answers random bytes with the codes of its catalogue, and lives', async () => {
    let seed = 12_345;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    const paths = ['/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', '/grpc.health.v1.Health/Check'];
    const codes = new Set<number>();
    for (let count = 0; count < 300; count += 1) {
      const message = Buffer.from(Array.from({ length: random(40) }, () => random(256)));
      const { code } = await serving.client.call(paths[count % 2]!, message);
      codes.add(code);
    }
    const expected: number[] = [Status.OK, Status.INVALID_ARGUMENT, Status.NOT_FOUND];
    expect([...codes].filter((code) => !expected.includes(code))).toEqual([]);
    expect(codes.size).toBeGreaterThan(1);
  });

  it('refuses questions that are none', async () => {
    const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    const garbage = await serving.client.call(path, Buffer.from([0x0a, 0x7f]));
    const long = await serving.client.call(path, Buffer.alloc(5000, 1));
    expect([garbage.code, long.code]).toEqual([Status.INVALID_ARGUMENT, Status.RESOURCE_EXHAUSTED]);
  });
});
