/** What tests of TLS and of traces need, here and above. */
export { makeAuthority, makeCertificate, type Authority, type Issued } from './certificate';
export { createOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from './otlp-receiver';
