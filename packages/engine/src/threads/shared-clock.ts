/** Milliseconds on a clock that all threads share; performance.now() counts from the start of its thread. */
export function sharedClockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
