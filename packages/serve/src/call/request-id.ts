import { randomBytes } from 'node:crypto';

const sane = /^[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}$/;

// Unique in this process by the counter and among processes by the prefix, at a fraction of the cost of a random id a call.
const prefix = randomBytes(6).toString('hex');
let made = 0;

/** The caller's id where it is printable and at most 128 characters long; else one of ours. */
export function requestIdFrom(offered: unknown): string {
  if (typeof offered === 'string' && sane.test(offered)) return offered;
  made += 1;
  return `${prefix}-${made.toString(36)}`;
}
