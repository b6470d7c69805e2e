import type { AttributeValue } from '@opentelemetry/api';
import type { EndedSpan, SpanKind } from './span';
import type { TraceIds } from './trace-ids';

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
 * What stands before the spans of an `ExportTraceServiceRequest` of OTLP in JSON: `opentelemetry-proto`, and the rules of OTLP for JSON
 * (ids in hex, times as strings).
 */
export function requestHead({ attributes, scope }: SpanSource): string {
  const resource = `{"attributes":[${attributesOf(attributes)}]}`;
  return `{"resourceSpans":[{"resource":${resource},"scopeSpans":[{"scope":${JSON.stringify(scope)},"spans":[`;
}

/** What stands behind them. */
export const requestTail = ']}]}]}';

/**
 * A span in JSON, and its stages behind it. Made straight of the span: OpenTelemetry's own makes a message of objects first, at three
 * times the cost.
 * @param ids for the stages, which are shown as spans
 * @param originMs milliseconds since 1970 at 0 of the span's clock
 */
export function spanToJson(span: EndedSpan, ids: TraceIds, originMs: number): string {
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
      `,${trace}"${ids.spanId()}","parentSpanId":"${spanId}","flags":${sampledFlags},"name":${JSON.stringify(stage.name)},` +
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
