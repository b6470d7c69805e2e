import type { Grants } from './grants';

/** Whoever calls, as its credential says. */
export interface Caller {
  /** For logs and quotas; never the credential. */
  readonly name: string;
  readonly grants: Grants;
  /** On the wall clock, in milliseconds since 1970; Infinity: never. */
  readonly expiresMs: number;
}

/** Names of callers: what a URI, an address of mail or a plain name needs, and nothing that a log could stumble over. */
const callerName = /^[A-Za-z0-9][A-Za-z0-9_.:@/=+-]{0,127}$/;

export function isCallerName(name: unknown): name is string {
  return typeof name === 'string' && callerName.test(name);
}
