import { statusName } from '@tributary/contract';

/**
 * Why calls go plainly, in words of the router alone: what an upstream or a proxy before it says of itself may name addresses, and
 * belongs in the log.
 * @param reason as the hop tells it
 */
export function plainReason(reason: string): string {
  const status = /^the relay was answered with status (HTTP )?(\d{1,3})\b/.exec(reason);
  if (status !== null) {
    const [, http, code] = status;
    if (http !== undefined) return `the relay was answered with HTTP ${code}`;
    const name = statusName(Number(code));
    return name === 'UNIMPLEMENTED' ? 'the upstream has no relay' : `the relay was answered with ${name}`;
  }
  return ownWords.find((words) => reason.startsWith(words)) ?? 'the relay could not be opened';
}

/** Of reasons that are made on this side. */
const ownWords = ['no answer to the relay', 'the connection was lost'];
