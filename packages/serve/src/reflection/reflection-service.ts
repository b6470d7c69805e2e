import { decodeMessage, grpc, Status } from '@tributary/contract';
import type { BidiHandler, BuiltInMethod } from '../method';
import { indexDescriptors, type DescriptorIndex } from './descriptor-index';

// v1alpha has the same messages under another name; on the wire they are equal.
const { ServerReflectionRequest, ServerReflectionResponse } = grpc.reflection.v1;
type Question = grpc.reflection.v1.ServerReflectionRequest;
type Answer = grpc.reflection.v1.ServerReflectionResponse.$Properties;

/** Full names of the service, new and old. */
export const reflectionServiceNames = [
  'grpc.reflection.v1.ServerReflection',
  'grpc.reflection.v1alpha.ServerReflection',
];

/** A question holds one name; longer messages are no questions. */
const maxQuestionBytes = 4096;

/**
 * Server reflection from the project's own descriptors, so that grpcurl and its like need no .proto files. It lists `services` and
 * declares whatever they use.
 */
export function reflectionMethods(
  descriptorSet: () => Uint8Array,
  services: readonly string[],
): readonly BuiltInMethod[] {
  let index: DescriptorIndex | undefined;
  const handler: BidiHandler = async (next, _context, write) => {
    for (let request = await next(); request !== undefined; request = await next()) {
      const question = decodeMessage(ServerReflectionRequest, request, maxQuestionBytes);
      index ??= indexDescriptors(descriptorSet());
      const answer: Answer = {
        validHost: question.host,
        originalRequest: question,
        ...answerTo(question, index, services),
      };
      await write(ServerReflectionResponse.encode(answer).finish());
    }
  };
  return reflectionServiceNames.map((name) => ({
    method: { path: `/${name}/ServerReflectionInfo`, kind: 'bidi', role: 'observe', handler },
    openEnded: true,
  }));
}

function answerTo(question: Question, index: DescriptorIndex, services: readonly string[]): Answer {
  switch (question.messageRequest) {
    case 'listServices':
      return { listServicesResponse: { service: services.map((name) => ({ name })) } };
    case 'fileByFilename':
      return filesOr(index.withImports(question.fileByFilename ?? ''), 'no such file');
    case 'fileContainingSymbol': {
      const file = index.fileOf(question.fileContainingSymbol ?? '');
      return filesOr(file === undefined ? undefined : index.withImports(file), 'no such symbol');
    }
    case 'fileContainingExtension':
    case 'allExtensionNumbersOfType':
      return failure(Status.NOT_FOUND, 'there are no extensions');
    case undefined:
    default:
      return failure(Status.INVALID_ARGUMENT, 'the request asks nothing');
  }
}

function filesOr(files: readonly Uint8Array[] | undefined, otherwise: string): Answer {
  if (files === undefined) return failure(Status.NOT_FOUND, otherwise);
  return { fileDescriptorResponse: { fileDescriptorProto: [...files] } };
}

function failure(errorCode: number, errorMessage: string): Answer {
  return { errorResponse: { errorCode, errorMessage } };
}
