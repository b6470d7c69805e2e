import type { Logger } from 'pino';
import { LineBudget } from '../log/line-budget';
import type { CallStatus } from './call-status';

/** A failed call, for the log. */
export interface CallFailure {
  readonly requestId: string;
  /** Where the call is traced. */
  readonly traceId?: string;
  readonly method: string;
  /** Undefined where callers need not say who they are, or did not. */
  readonly caller?: string | undefined;
  /** Name of the gRPC status. */
  readonly code: string;
  readonly durationMs: number;
  /** Undefined where grpc-js decided. */
  readonly status: CallStatus | undefined;
}

/** Refusals of access and quotas: lines of theirs are for the audit. */
const auditedReasons: ReadonlySet<string | undefined> = new Set([
  'TOKEN_MISSING',
  'TOKEN_INVALID',
  'TOKEN_EXPIRED',
  'TOKEN_KEYS_MISSING',
  'ROLE_MISSING',
  'MODEL_FORBIDDEN',
  'QUOTA_CALLS',
  'QUOTA_BYTES',
  'QUOTA_CONCURRENCY',
]);

/** One line for each failed call, as long as they are not too many: a flood of refusals must not become a flood of log lines. */
export class FailureLog {
  private readonly refusals = new LineBudget();
  private readonly defects = new LineBudget();
  /** Of its own, so that other refusals do not crowd it out. What it leaves unsaid, the next of its lines counts. */
  private readonly audited = new LineBudget();

  constructor(private readonly log: Logger) {}

  failed(failure: CallFailure): void {
    const { status, ...fields } = failure;
    const { reason, details, defect } = status ?? {};
    const isDefect = defect !== undefined;
    const isAudited = auditedReasons.has(reason);
    const budget = isDefect ? this.defects : isAudited ? this.audited : this.refusals;
    if (!budget.allows()) return;
    const unlogged = budget.takeSuppressed();
    const line = {
      ...fields,
      durationMs: rounded(fields.durationMs),
      reason,
      details,
      ...(isAudited && { audit: true }),
      ...(unlogged > 0 && { unloggedBefore: unlogged }),
    };
    if (isDefect)
      this.log.error({ ...line, err: defect instanceof Error ? defect : new Error(safeText(defect)) }, 'call failed');
    else this.log.info(line, 'call refused');
  }

  /** An admin call that has ended, well or not: always a line. */
  audit({ status, durationMs, ...fields }: CallFailure): void {
    const { reason, details } = status ?? {};
    this.log.info({ ...fields, durationMs: rounded(durationMs), reason, details, audit: true }, 'admin call');
    if (status?.defect !== undefined) this.failed({ status, durationMs, ...fields });
  }
}

function rounded(durationMs: number): number {
  return Math.round(durationMs * 1000) / 1000;
}

/** Text of something thrown that is no Error; its own toString may throw as well. */
function safeText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'a value without text was thrown';
  }
}
