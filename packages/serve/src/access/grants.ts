import { isModelName } from '@tributary/contract';

/**
 * What a caller may do. `infer`: have models run. `observe`: see what is served and how it fares. `admin`: change what is served.
 * `forward`: name the caller on whose behalf it calls, as a router does.
 */
export type Role = 'infer' | 'observe' | 'admin' | 'forward';

const roles: readonly string[] = ['infer', 'observe', 'admin', 'forward'] satisfies readonly Role[];

/** One grant as it is written: a role, alone or with a pattern of model names (`infer:bge-*`). */
const grantPattern = /^(\w+)(?::([A-Za-z0-9._*-]{1,128}))?$/;

/** The roles of a caller and the models they are for. */
export class Grants {
  /** By role; undefined for every model. */
  private readonly models = new Map<string, readonly RegExp[] | undefined>();

  private constructor(entries: readonly (readonly [role: string, model: string])[]) {
    for (const [role, model] of entries) {
      const patterns = this.models.get(role);
      if (model === '*') this.models.set(role, undefined);
      else if (patterns !== undefined || !this.models.has(role)) {
        this.models.set(role, [...(patterns ?? []), toRegExp(model)]);
      }
    }
  }

  /** @returns the grants, or the entry that is none */
  static parse(entries: readonly string[]): Grants | string {
    const read: [string, string][] = [];
    for (const entry of entries) {
      const [, role, model = '*'] = grantPattern.exec(entry) ?? [];
      if (role === undefined || !roles.includes(role)) return entry;
      read.push([role, model]);
    }
    return new Grants(read);
  }

  /** Whether there is the role at all, for whatever models. */
  has(role: Role): boolean {
    return this.models.has(role);
  }

  /** Whether the role is there for a model; undefined: for every one there may be. */
  allows(role: Role, model: string | undefined): boolean {
    if (!this.models.has(role)) return false;
    const patterns = this.models.get(role);
    if (patterns === undefined) return true;
    // Long and strange names are nobody's, and are matched against nothing.
    return model !== undefined && isModelName(model) && patterns.some((pattern) => pattern.test(model));
  }
}

function toRegExp(glob: string): RegExp {
  const parts = glob.split(/\*+/).map((part) => part.replaceAll('.', '\\.'));
  return new RegExp(`^${parts.join('.*')}$`);
}
