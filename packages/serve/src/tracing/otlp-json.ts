import type { AttributeValue } from '@opentelemetry/api';
import type { Span, SpanKind } from './span';

/** Values of `SpanKind` and `StatusCode` of opentelemetry/proto/trace/v1/trace.proto. */
const kinds: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3 };
const statusCodes = { unset: 0, error: 2 } as const;

/** `SpanFlags` of trace.proto: sampled, and that the next bit tells whether the parent is in another process. */
const sampledFlags = 0x101;
const remoteParentFlag = 0x200;

/** What an OTLP request says of the process, and of who made its spans. */
export interface SpanSource {
  readonly attributes: Readonly<Record<string, AttributeValue | undefined>>;
  readonly scope: { readonly name: string; readonly version: string };
}

/**
 * Writes `ExportTraceServiceRequest` of OTLP as JSON: `opentelemetry-proto`, and the rules of OTLP for JSON (ids in hex, times
 * as strings). Made straight of the spans: OpenTelemetry's own makes a message of objects first, at three times the cost.
 */
export class OtlpJson {
  readonly #head: string;

  constructor({ attributes, scope }: SpanSource) {
    const resource = `{"attributes":[${attributesOf(attributes)}]}`;
    this.#head = `{"resourceSpans":[{"resource":${resource},"scopeSpans":[{"scope":${JSON.stringify(scope)},"spans":[`;
  }

  /** @param originMs milliseconds since 1970 at 0 of the spans' clock */
  write(spans: readonly Span[], originMs: number): string {
    let text = this.#head;
    for (let index = 0; index < spans.length; index++) {
      if (index > 0) text += ',';
      text += spanOf(spans[index]!, originMs);
    }
    return `${text}]}]}]}`;
  }
}

/** A span, and its stages behind it. */
function spanOf(span: Span, originMs: number): string {
  const { name, kind, spanId, origin, startMs, endMs, attributes, isFailed, stages } = span;
  const { traceId, parentId, hasRemoteParent, traceState } = origin;
  const trace = `{"traceId":"${traceId}",${traceState === '' ? '' : `"traceState":${JSON.stringify(traceState)},`}"spanId":`;
  const parent = parentId === '' ? '' : `"parentSpanId":"${parentId}",`;
  const code = isFailed ? statusCodes.error : statusCodes.unset;
  const flags = hasRemoteParent ? sampledFlags | remoteParentFlag : sampledFlags;
  let text =
    `${trace}"${spanId}",${parent}"flags":${flags},"name":${JSON.stringify(name)},"kind":${kinds[kind]},` +
    `${timesOf(startMs, endMs, originMs)},"attributes":[${attributesOf(attributes)}],"status":{"code":${code}}}`;
  for (const stage of stages) {
    text +=
      `,${trace}"${span.drawStageId()}","parentSpanId":"${spanId}","flags":${sampledFlags},"name":${JSON.stringify(stage.name)},` +
      `"kind":${kinds.internal},${timesOf(stage.startMs, stage.endMs, originMs)},"attributes":[],"status":{"code":${statusCodes.unset}}}`;
  }
  return text;
}

function timesOf(startMs: number, endMs: number, originMs: number): string {
  return `"startTimeUnixNano":"${unixNano(originMs + startMs)}","endTimeUnixNano":"${unixNano(originMs + endMs)}"`;
}

/** A double has no more than microseconds of the time since 1970. */
function unixNano(unixMs: number): string {
  return `${Math.round(unixMs * 1000)}000`;
}

function attributesOf(attributes: Readonly<Record<string, AttributeValue | undefined>>): string {
  let text = '';
  for (const key in attributes) {
    const value = attributes[key];
    if (value === undefined) continue;
    if (text !== '') text += ',';
    text += `{"key":${JSON.stringify(key)},"value":${valueOf(value)}}`;
  }
  return text;
}

/** `AnyValue` of opentelemetry/proto/common/v1/common.proto; of nothing, as arrays may hold it, an empty one. */
function valueOf(value: AttributeValue | null | undefined): string {
  if (typeof value === 'string') return `{"stringValue":${JSON.stringify(value)}}`;
  if (typeof value === 'number') return Number.isInteger(value) ? `{"intValue":${value}}` : `{"doubleValue":${value}}`;
  if (typeof value === 'boolean') return `{"boolValue":${value}}`;
  if (Array.isArray(value)) return `{"arrayValue":{"values":[${value.map(valueOf).join(',')}]}}`;
  return '{}';
}
