/** Something that knows where it stands among the open calls. */
export interface Placed {
  place: number;
}

/**
 * The calls that are not finished, in no order. A Set hashes every call and keeps holes for those that are gone: that alone
 * cost a short call a fifth of its time.
 */
export class OpenCalls<Call extends Placed> {
  private readonly calls: Call[] = [];

  add(call: Call): void {
    call.place = this.calls.length;
    this.calls.push(call);
  }

  /** Only of a call that was added; does nothing the second time. */
  delete(call: Call): void {
    if (this.calls[call.place] !== call) return;
    const last = this.calls.pop()!;
    if (last === call) return;
    last.place = call.place;
    this.calls[call.place] = last;
  }

  /** As they are now: calls may end while somebody goes through them. */
  list(): readonly Call[] {
    return [...this.calls];
  }
}
