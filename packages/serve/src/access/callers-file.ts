import { hash } from 'node:crypto';
import { StartError } from '../process/start-error';
import { isCallerName, type Caller } from './caller';
import { Grants } from './grants';

/** Callers by what they show. */
export interface Callers {
  /** By the SHA-256 of their token, in hex. */
  readonly byToken: ReadonlyMap<string, Caller>;
  /** By a name of their certificate. */
  readonly byCertificate: ReadonlyMap<string, Caller>;
}

export const noCallers: Callers = { byToken: new Map(), byCertificate: new Map() };

const digestPattern = /^sha256:([0-9a-f]{64})$/;
const certificatePattern = /^cert:(\S{1,256})$/;

/**
 * SHA-256 of a token, in hex. Tokens are 256 random bits, so that nobody can find one by trying, and a slow hash (scrypt) would protect
 * nothing: it would only let strangers make this process work.
 */
export function digestOf(token: string): string {
  return hash('sha256', token, 'hex');
}

/** A line of the file, for a token. `grants`: as in the file, e.g. `infer:bge-*,observe`. */
export function callerLine(name: string, grants: string, token: string): string {
  return `${name} ${grants} sha256:${digestOf(token)}`;
}

/**
 * Reads the file of callers: a line each, of a name, grants with commas between them, and `sha256:<digest of its token>` or
 * `cert:<name in its certificate>`. A caller may have several lines. Lines that begin with # are comments.
 * @throws StartError naming the line that is none; never with the digest
 */
export function parseCallers(text: string, setting: string): Callers {
  const byToken = new Map<string, Caller>();
  const byCertificate = new Map<string, Caller>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const fault = (text: string): StartError => new StartError(`${setting}, line ${index + 1}: ${text}`);
    const [name, granted = '', credential = '', ...more] = line.trim().split(/\s+/);
    if (!isCallerName(name)) throw fault('begins with no name of a caller');
    const grants = Grants.parse(granted.split(','));
    if (typeof grants === 'string') {
      throw fault('expected infer, observe, admin or forward, each alone or with :pattern, with commas between them');
    }
    const digest = digestPattern.exec(credential)?.[1];
    const certificate = certificatePattern.exec(credential)?.[1];
    if ((digest ?? certificate) === undefined || more.length > 0) {
      throw fault('expected sha256:<64 hex digits> or cert:<name> at its end');
    }
    const [callers, key] = digest === undefined ? [byCertificate, certificate!] : [byToken, digest];
    if (callers.has(key)) throw fault('has the credential of an earlier line');
    callers.set(key, { name, grants, expiresMs: Infinity });
  }
  return { byToken, byCertificate };
}
