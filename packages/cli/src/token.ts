import { randomBytes } from 'node:crypto';
import { callerLine, Grants, isCallerName } from '@tributary/serve';
import { fail, readArguments } from './command-line';

const help = `usage: npm run token -- NAME ROLES

Makes a bearer token for a caller, and the line that the file of callers (--callers) needs for it. The token is shown once and kept nowhere.

  NAME    of the caller in logs and quotas, e.g. web-shop
  ROLES   with commas between them: infer, observe, admin, forward, each alone or for some models: infer:bge-*,observe
`;

/** 256 bits: nobody finds such a token by trying, which is why its plain SHA-256 may lie in a file. */
const tokenBytes = 32;

/**
 * `tributary token`.
 * @returns the exit code
 */
export function token(args: readonly string[]): number {
  const parsed = readArguments({
    command: 'npm run token',
    help,
    args,
    allowPositionals: true,
    options: { help: { type: 'boolean', default: false } },
  });
  if (typeof parsed === 'number') return parsed;
  const [name, roles, ...more] = parsed.positionals;
  if (roles === undefined || more.length > 0) return fail('expected a name and its roles; see npm run token -- --help');
  if (!isCallerName(name)) return fail('the name may have letters, digits and _.:@/=+- and at most 128 of them');
  const grants = Grants.parse(roles.split(','));
  if (typeof grants === 'string')
    return fail(`expected infer, observe, admin or forward, got ${JSON.stringify(grants)}`);
  const made = randomBytes(tokenBytes).toString('base64url');
  process.stdout.write(
    `token, for the caller alone:\n  ${made}\nline for the file of callers:\n  ${callerLine(name, roles, made)}\n`,
  );
  return 0;
}
