import { Status } from '@tributary/contract';
import type { HopStream } from './hop';

/** What has gone to an upstream and come back since it is known, in plain numbers: to count costs a call next to nothing. */
export class UpstreamCounts {
  /** Attempts that have ended, by gRPC status code (0 to 16). */
  readonly ended: number[] = Array.from({ length: Status.UNAUTHENTICATED + 1 }, () => 0);
  /** Calls that were tried a second time after this upstream had failed them. */
  retries = 0;
  /** Bytes of requests and of answers, those of streams included: messages alone, without metadata and framing. */
  bytesSent = 0;
  bytesReceived = 0;

  /** Attempts that have ended, with whatever status. */
  get calls(): number {
    return this.ended.reduce((sum, count) => sum + count, 0);
  }

  /** A call has ended; codes that gRPC does not know count as UNKNOWN. */
  callEnded(code: number): void {
    this.ended[code in this.ended ? code : Status.UNKNOWN]! += 1;
  }

  /** The same stream, whose messages are counted as they pass. */
  counting(stream: HopStream): HopStream {
    return {
      write: (message) => {
        this.bytesSent += message.length;
        return stream.write(message);
      },
      next: async () => {
        const message = await stream.next();
        this.bytesReceived += message?.length ?? 0;
        return message;
      },
      end: () => stream.end(),
      cancel: () => stream.cancel(),
      headers: stream.headers,
      ended: stream.ended,
    };
  }
}
