/**
 * Gives up once a time is over in which a peer should have said something. What it has said by then is read first: after this process has
 * stood still, timers are due before sockets are looked at, and peers that answered long ago would be taken for dead, all of them at once.
 * @returns how to stop that
 */
export function giveUpAfter(timeoutMs: number, giveUp: () => void): () => void {
  let afterReading: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => (afterReading = setImmediate(giveUp)), timeoutMs);
  return () => {
    clearTimeout(timer);
    clearImmediate(afterReading);
  };
}
