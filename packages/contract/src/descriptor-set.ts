import { descriptorSetBase64 } from '../gen/descriptor-set';

/** Every file of protos/ and what they import, as a serialized google.protobuf.FileDescriptorSet; for reflection. */
export function fileDescriptorSet(): Uint8Array {
  return Buffer.from(descriptorSetBase64, 'base64');
}
