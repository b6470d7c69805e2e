/** Worker time that a competitor had, in microseconds: its virtual clock. */
export interface Share {
  usedUs: number;
}

/** The competitor that had least; of equals the first. Undefined for an empty list. */
export function leastServed<S extends Share>(competitors: Iterable<S>): S | undefined {
  let least: S | undefined;
  for (const competitor of competitors) {
    if (least === undefined || competitor.usedUs < least.usedUs) least = competitor;
  }
  return least;
}

/** A competitor that was idle starts level with the one that had least: it has not saved up the time it did not need. */
export function rejoin(share: Share, active: Iterable<Share>): void {
  const least = leastServed(active);
  if (least !== undefined) share.usedUs = Math.max(share.usedUs, least.usedUs);
}
