type Listener = Parameters<AbortSignal['removeEventListener']>[1];

/**
 * The end of a call as an AbortSignal for code of this process that asks and listens: Node's own costs a call more to make than
 * the call. It is no EventTarget of Node's, so fetch, AbortSignal.any and the like do not take it.
 */
export class CallSignal implements AbortSignal {
  onabort: AbortSignal['onabort'] = null;
  reason: unknown = undefined;
  private ownAborted = false;
  /** Most calls have one. */
  private listener: Listener | undefined;
  private others: Listener[] | undefined;

  get aborted(): boolean {
    return this.ownAborted;
  }

  throwIfAborted(): void {
    if (this.ownAborted) throw this.reason;
  }

  /** It aborts only once, so that every listener is called at most once, whatever the options say. */
  addEventListener(type: string, listener: Listener): void {
    if (type !== 'abort' || this.has(listener)) return;
    if (this.listener === undefined) this.listener = listener;
    else (this.others ??= []).push(listener);
  }

  removeEventListener(type: string, listener: Listener): void {
    if (type !== 'abort') return;
    if (this.listener === listener) this.listener = undefined;
    else this.others = this.others?.filter((other) => other !== listener);
  }

  /** Nobody but the call ends it. */
  dispatchEvent(): boolean {
    throw new Error('the signal of a call takes no events');
  }

  abort(reason: unknown): void {
    if (this.ownAborted) return;
    this.ownAborted = true;
    this.reason = reason;
    const event = new Event('abort');
    this.onabort?.call(this, event);
    const listeners = [this.listener, ...(this.others ?? [])];
    this.listener = this.others = undefined;
    for (const listener of listeners) {
      if (typeof listener === 'function') listener.call(this, event);
      else listener?.handleEvent(event);
    }
  }

  private has(listener: Listener): boolean {
    return this.listener === listener || (this.others?.includes(listener) ?? false);
  }
}
