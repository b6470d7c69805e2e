// Generated from protos/ by `pnpm --filter @tributary/contract gen`. Do not edit.
/** Base64, with line ends, of a google.protobuf.FileDescriptorSet. */
export declare const descriptorSetBase64: string;
