/** Version, trace id, span id, flags; neither id all zeros. What a later version adds stands behind another dash. */
const pattern = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;

/** Length where nothing stands behind the flags, as in version 00. */
const plainLength = 55;

/** Whether a value of metadata is a `traceparent` of W3C Trace Context. */
export function isTraceparent(value: unknown): value is string {
  if (typeof value !== 'string' || !pattern.test(value)) return false;
  return value.length === plainLength || !value.startsWith('00');
}

/** Whether the caller records the trace. */
export function isSampled(traceparent: string): boolean {
  return (Number.parseInt(traceparent[plainLength - 1]!, 16) & 1) === 1;
}

/** The trace of a valid `traceparent`, 32 hex digits. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

/** The span that a valid `traceparent` names, 16 hex digits. */
export function spanIdOf(traceparent: string): string {
  return traceparent.slice(36, 52);
}

/** In version 00, as it goes to the next process. */
export function formatTraceparent(traceId: string, spanId: string, isRecorded: boolean): string {
  return `00-${traceId}-${spanId}-${isRecorded ? '01' : '00'}`;
}
