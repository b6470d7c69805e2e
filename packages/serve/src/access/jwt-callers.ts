import { refusal, type TributaryError } from '@tributary/contract';
import type * as Jose from 'jose';
import type { Logger } from 'pino';
import { StartError } from '../process/start-error';
import { WatchedFiles } from '../tls/watched-files';
import { isCallerName, type Caller } from './caller';
import { Grants } from './grants';

/** Of the settings, what is about tokens that somebody else signs. */
export interface JwtSettings {
  readonly jwksFile?: string | undefined;
  readonly jwksUrl?: string | undefined;
  readonly jwksRefreshMs: number;
  readonly jwtIssuer?: string | undefined;
  readonly jwtAudience?: string | undefined;
  readonly jwtRolesClaim: string;
}

/** Asymmetric ones alone: a public key must never serve as the secret of an HMAC. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** What clocks may differ by. */
const clockToleranceSeconds = 5;

/** Of one answer of the URL. */
const fetchTimeoutMs = 10_000;
const maxKeySetBytes = 1024 * 1024;

/** From one refresh that a token with an unknown key has asked for to the next. */
const hurriedRefreshMs = 30_000;

/**
 * Callers by JSON Web Tokens (RFC 7519): `sub` names them, a claim lists their grants. The keys are in a file, read again when it changes,
 * or behind a URL, asked again and again in the background: while it cannot be had, the keys that came last stay.
 */
export class JwtCallers {
  private readonly jose: typeof Jose;
  private readonly file: WatchedFiles<Jose.JSONWebKeySet> | undefined;
  private readonly stop = new AbortController();
  private keys: ReturnType<typeof Jose.createLocalJWKSet> | undefined;
  private refreshedMs = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  /** @throws StartError where the file is no key set */
  constructor(
    private readonly settings: JwtSettings,
    private readonly log: Logger,
    /** What was verified by keys that are gone must be verified again. */
    private readonly onNewKeys: () => void,
  ) {
    // Loaded only where it is used.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- here and not at the start
    this.jose = require('jose') as typeof Jose;
    const { jwksFile, jwksUrl, jwksRefreshMs } = settings;
    if (jwksFile !== undefined) {
      const parse = ([content]: readonly Buffer[]): Jose.JSONWebKeySet => this.parse(String(content));
      this.file = new WatchedFiles({ files: [{ setting: 'jwksFile', path: jwksFile }], parse, log });
      this.use(this.file.value);
      this.file.onChange((set) => this.use(set));
    } else if (jwksUrl !== undefined) {
      void this.refresh(jwksUrl);
      this.timer = setInterval(() => void this.refresh(jwksUrl), jwksRefreshMs).unref();
    }
  }

  /** Never rejects. */
  async verify(token: string): Promise<Caller | TributaryError> {
    if (this.keys === undefined) return refusal('TOKEN_KEYS_MISSING', {});
    const { jwtIssuer, jwtAudience } = this.settings;
    try {
      const { payload } = await this.jose.jwtVerify(token, this.keys, {
        algorithms,
        ...(jwtIssuer !== undefined && { issuer: jwtIssuer }),
        ...(jwtAudience !== undefined && { audience: jwtAudience }),
        requiredClaims: ['sub', 'exp'],
        clockTolerance: clockToleranceSeconds,
      });
      return this.callerOf(payload);
    } catch (error) {
      const { errors } = this.jose;
      if (error instanceof errors.JWTExpired) return refusal('TOKEN_EXPIRED', {});
      if (error instanceof errors.JWKSNoMatchingKey) this.hurry();
      return refusal('TOKEN_INVALID', {});
    }
  }

  close(): void {
    this.stop.abort();
    clearInterval(this.timer);
    this.file?.close();
  }

  private callerOf(payload: Jose.JWTPayload): Caller | TributaryError {
    const granted = payload[this.settings.jwtRolesClaim];
    const list: readonly unknown[] = Array.isArray(granted)
      ? granted
      : typeof granted === 'string'
        ? granted.split(/[ ,]+/)
        : [];
    // A list of roles may hold those of other systems too.
    const ours = list.filter(
      (entry): entry is string => typeof entry === 'string' && Grants.parse([entry]) instanceof Grants,
    );
    const grants = Grants.parse(ours);
    if (!isCallerName(payload.sub) || typeof grants === 'string') return refusal('TOKEN_INVALID', {});
    return { name: payload.sub, grants, expiresMs: (payload.exp! + clockToleranceSeconds) * 1000 };
  }

  private parse(text: string): Jose.JSONWebKeySet {
    try {
      const set = JSON.parse(text) as Jose.JSONWebKeySet;
      this.jose.createLocalJWKSet(set);
      return set;
    } catch (error) {
      throw new StartError('expected a JSON Web Key Set (RFC 7517)', { cause: error });
    }
  }

  private use(set: Jose.JSONWebKeySet): void {
    this.keys = this.jose.createLocalJWKSet(set);
    this.onNewKeys();
  }

  private async refresh(url: string): Promise<void> {
    this.refreshedMs = performance.now();
    try {
      const signal = AbortSignal.any([this.stop.signal, AbortSignal.timeout(fetchTimeoutMs)]);
      // A redirect could lead to where the operator has not pointed.
      const response = await fetch(url, { signal, redirect: 'error' });
      if (!response.ok) throw new Error(`HTTP status ${response.status}`);
      const length = Number(response.headers.get('content-length') ?? 0);
      if (length > maxKeySetBytes) throw new Error(`a key set of ${length} bytes`);
      const set = this.parse(await response.text());
      if (!this.stop.signal.aborted) this.use(set);
    } catch (error) {
      if (!this.stop.signal.aborted)
        this.log.warn({ err: error }, 'jwksUrl: no key set came; the keys that are there stay');
    }
  }

  /** A token names a key that is not there: it may be a new one. */
  private hurry(): void {
    const { jwksUrl } = this.settings;
    if (jwksUrl !== undefined && performance.now() - this.refreshedMs >= hurriedRefreshMs) void this.refresh(jwksUrl);
  }
}
