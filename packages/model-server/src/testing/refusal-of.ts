import { CallError } from '@tributary/client';
import { statusName, type StatusName } from '@tributary/contract';

/** How a call was refused. */
export interface Refusal {
  readonly status: StatusName;
  readonly reason: string | undefined;
  readonly message: string;
  readonly field: string | undefined;
  readonly expected: string | undefined;
  readonly got: string | undefined;
}

/** Waits for a call to be refused; fails where it is answered. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    const { code, reason, details, field, expected, got } = error;
    return { status: statusName(code), reason, message: details, field, expected, got };
  }
  throw new Error('the call was answered');
}
