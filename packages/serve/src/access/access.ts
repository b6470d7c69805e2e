import { readModelNameOfPieces, refusal, rpcMethods, TributaryError } from '@tributary/contract';
import type { ServerHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import { StartError } from '../process/start-error';
import { WatchedFiles } from '../tls/watched-files';
import { isCallerName, type Caller } from './caller';
import { digestOf, noCallers, parseCallers, type Callers } from './callers-file';
import type { Grants, Role } from './grants';
import { JwtCallers, type JwtSettings } from './jwt-callers';
import { parseQuotas, Quotas, type Quota } from './quotas';

/** Settings of access; it is off where neither callers nor keys are named. */
export interface AccessSettings extends Partial<JwtSettings> {
  readonly callers?: string | undefined;
  readonly quotas?: string | undefined;
}

/** Metadata by which a caller with the role `forward` names whom it calls for. */
export const forwardedCallerKey = 'x-tributary-caller';

/** Verified tokens that are remembered. */
const maxRemembered = 10_000;

/** Longer ones are no tokens of ours or of any issuer. */
const maxTokenLength = 8192;

/** Whose a call is. */
export interface CallerOfCall {
  /** For logs, quotas and the audit: the caller's own name, or the one it calls for. */
  readonly name: string;
  readonly quota: Quota | undefined;
  /** Undefined where the caller has the role, for whatever models; or why the call is refused before its request is read. */
  refuse(role: Role): TributaryError | undefined;
  /** The same once the request is there, and with it the model's name. */
  refuseRequest(role: Role, path: string, request: readonly Uint8Array[]): TributaryError | undefined;
}

/** Who calls, and what that gives leave to. */
export class Access {
  private readonly callers: WatchedFiles<Callers> | undefined;
  private readonly quotaRules: WatchedFiles<Quotas> | undefined;
  private readonly jwt: JwtCallers | undefined;
  /** By digest, of tokens that were verified. */
  private readonly remembered = new Map<string, Caller>();
  private ofCertificate = new WeakMap<ServerHttp2Session, Caller | TributaryError>();
  /** Grows when what was found before may be no longer so. */
  generation = 0;

  /** @throws StartError where a file cannot be read, or is not what it should be */
  constructor(settings: AccessSettings, log: Logger) {
    const { callers, quotas, jwksFile, jwksUrl, jwksRefreshMs = 300_000, jwtRolesClaim = 'roles' } = settings;
    if (callers !== undefined) {
      const setting = 'callers';
      const parse = ([content]: readonly Buffer[]): Callers => parseCallers(String(content), setting);
      this.callers = new WatchedFiles({ files: [{ setting, path: callers }], parse, log });
      this.callers.onChange(() => this.forget());
    }
    if (quotas !== undefined) {
      const parse = ([content]: readonly Buffer[]): Quotas => new Quotas(parseQuotas(String(content)));
      this.quotaRules = new WatchedFiles({ files: [{ setting: 'quotas', path: quotas }], parse, log });
    }
    if (jwksFile !== undefined || jwksUrl !== undefined) {
      this.jwt = new JwtCallers({ ...settings, jwksRefreshMs, jwtRolesClaim }, log, () => this.forget());
    }
  }

  /** Undefined where the settings name no callers. */
  static of(settings: AccessSettings, log: Logger): Access | undefined {
    const { callers, jwksFile, jwksUrl, quotas } = settings;
    if ((callers ?? jwksFile ?? jwksUrl) !== undefined) return new Access(settings, log);
    if (quotas !== undefined) throw new StartError('quotas are of callers: they need callers, jwksFile or jwksUrl');
    return undefined;
  }

  /**
   * Whose credential this is: of a bearer token, else of the certificate of the connection. A promise only where a token of an
   * issuer has to be verified for the first time; it does not reject.
   * @param authorization the metadata of that name
   */
  identify(
    authorization: unknown,
    session: ServerHttp2Session | undefined,
  ): Caller | TributaryError | Promise<Caller | TributaryError> {
    if (authorization === undefined) return this.byCertificate(session);
    const token = typeof authorization === 'string' ? /^bearer +(\S+) *$/i.exec(authorization)?.[1] : undefined;
    if (token === undefined || token.length > maxTokenLength) return refusal('TOKEN_INVALID', {});
    // The digest is what is looked up and compared: how long that takes says nothing of the token itself.
    const digest = digestOf(token);
    const known = this.callers?.value.byToken.get(digest) ?? this.remembered.get(digest);
    if (known !== undefined) return known.expiresMs > Date.now() ? known : refusal('TOKEN_EXPIRED', {});
    if (this.jwt === undefined || token.split('.').length !== 3) return refusal('TOKEN_INVALID', {});
    const { generation } = this;
    return this.jwt.verify(token).then((caller) => {
      if ('grants' in caller && generation === this.generation) this.remember(digest, caller);
      return caller;
    });
  }

  /**
   * Whose call it is, of a caller that may name another.
   * @param forwarded the metadata `x-tributary-caller`; it counts only from a caller with the role `forward`
   */
  callOf(caller: Caller, forwarded: unknown): CallerOfCall {
    const { grants } = caller;
    const name = grants.has('forward') && isCallerName(forwarded) ? forwarded : caller.name;
    return {
      name,
      quota: this.quotaRules?.value.of(name),
      refuse: (role) => (grants.has(role) ? undefined : refusal('ROLE_MISSING', { expected: role })),
      refuseRequest: (role, path, request) =>
        grants.allows(role, undefined) ? undefined : refuseModel(grants, role, path, request),
    };
  }

  close(): void {
    this.callers?.close();
    this.quotaRules?.close();
    this.jwt?.close();
  }

  private byCertificate(session: ServerHttp2Session | undefined): Caller | TributaryError {
    // The socket of a session that has ended cannot be asked.
    if (session === undefined || session.destroyed) return refusal('TOKEN_MISSING', {});
    let found = this.ofCertificate.get(session);
    if (found === undefined) {
      const { byCertificate } = this.callers?.value ?? noCallers;
      const names = byCertificate.size === 0 ? [] : certificateNames(session.socket as TLSSocket);
      found =
        names.map((name) => byCertificate.get(name)).find((caller) => caller !== undefined) ??
        refusal('TOKEN_MISSING', {});
      this.ofCertificate.set(session, found);
    }
    return found;
  }

  private remember(digest: string, caller: Caller): void {
    if (this.remembered.size >= maxRemembered) this.remembered.delete(this.remembered.keys().next().value!);
    this.remembered.set(digest, caller);
  }

  private forget(): void {
    this.generation += 1;
    this.remembered.clear();
    this.ofCertificate = new WeakMap();
  }
}

/** Of a caller whose role is for some models alone. */
function refuseModel(
  grants: Grants,
  role: Role,
  path: string,
  request: readonly Uint8Array[],
): TributaryError | undefined {
  const method = rpcMethods.get(path);
  // Lists of what is there name all of it. What else is about no model that could be compared is not for such callers.
  if (method?.modelNameField === undefined) {
    return role === 'observe' ? undefined : refusal('MODEL_FORBIDDEN', { expected: role, model: '' });
  }
  try {
    // A request that names none is for a default model, which may be another tomorrow.
    const { model } = readModelNameOfPieces(method, request);
    return grants.allows(role, model) ? undefined : refusal('MODEL_FORBIDDEN', { expected: role, model });
  } catch (error) {
    if (error instanceof TributaryError) return error;
    throw error;
  }
}

/** What a verified certificate calls its holder: URIs and DNS names, or the common name where it has neither. */
function certificateNames(socket: TLSSocket): readonly string[] {
  // Neither does a plain socket have one, nor TLS without client certificates.
  if (!socket.authorized) return [];
  const { subject, subjectaltname = '' } = socket.getPeerCertificate();
  const alternatives = [...subjectaltname.matchAll(/(?:^|, )(?:URI|DNS):([^,"]+)/g)].map(([, name]) => name!);
  if (alternatives.length > 0) return alternatives;
  const common: unknown = subject.CN;
  return typeof common === 'string' ? [common] : [];
}
