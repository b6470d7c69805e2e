import { refusal, type TributaryError } from '@tributary/contract';

/**
 * The door's count of what the process works on. Bytes count from their arrival, so that uploads which never end are bounded
 * too; calls count from the end of their request. Both until the call has ended and its handler has let go of the request.
 */
export class Admission {
  private ownCalls = 0;
  private ownBytes = 0;

  constructor(
    private readonly maxCalls: number,
    private readonly maxBytes: number,
  ) {}

  get calls(): number {
    return this.ownCalls;
  }

  get bytes(): number {
    return this.ownBytes;
  }

  /** Takes a place; or says why not. */
  enter(): TributaryError | undefined {
    if (this.ownCalls >= this.maxCalls) return refusal('CALLS_IN_FLIGHT', { expected: this.maxCalls });
    this.ownCalls += 1;
    return undefined;
  }

  leave(): void {
    this.ownCalls -= 1;
  }

  /** Counts bytes that a call holds; or says why it may not hold them. */
  take(bytes: number): TributaryError | undefined {
    if (this.ownBytes + bytes > this.maxBytes) return refusal('BYTES_IN_FLIGHT', { expected: this.maxBytes });
    this.ownBytes += bytes;
    return undefined;
  }

  give(bytes: number): void {
    this.ownBytes -= bytes;
  }
}
