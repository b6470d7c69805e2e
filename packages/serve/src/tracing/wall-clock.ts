/** A clock that is set further than this is followed. Finer differences are those of Date.now(), which knows whole milliseconds. */
const maxDriftMs = 5;

let originMs = performance.timeOrigin;

/** Milliseconds since 1970 at 0 of performance.now(): to the microsecond, and right again after the clock was set. */
export function wallOriginMs(): number {
  const nowMs = Date.now() - performance.now();
  if (Math.abs(nowMs - originMs) > maxDriftMs) originMs = nowMs;
  return originMs;
}
