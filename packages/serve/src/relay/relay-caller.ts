import type { TributaryError } from '@tributary/contract';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Access } from '../access/access';
import type { Caller } from '../access/caller';

/** Whose the calls of a relay are: of whoever opened it, for as long as its credential is good. */
export class RelayCaller {
  private generation: number;

  constructor(
    private readonly access: Access,
    private readonly stream: ServerHttp2Stream,
    private readonly authorization: unknown,
    private caller: Caller | TributaryError | undefined,
  ) {
    this.generation = access.generation;
  }

  /** As Access.identify; most of the time the caller is known. */
  find(): Caller | TributaryError | Promise<Caller | TributaryError> {
    const { caller, access } = this;
    if (
      caller !== undefined &&
      'grants' in caller &&
      this.generation === access.generation &&
      caller.expiresMs > Date.now()
    ) {
      return caller;
    }
    const { generation } = access;
    const found = access.identify(this.authorization, this.stream.session as ServerHttp2Session | undefined);
    if (found instanceof Promise) return found.then((late) => this.keep(late, generation));
    return this.keep(found, generation);
  }

  private keep(caller: Caller | TributaryError, generation: number): Caller | TributaryError {
    this.caller = caller;
    this.generation = generation;
    return caller;
  }
}
