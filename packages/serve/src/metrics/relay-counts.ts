/** What the relays of a process have carried, in plain numbers. */
export class RelayCounts {
  /** Relays that are open. */
  open = 0;
  /** Messages. */
  received = 0;
  sent = 0;
  calls = 0;
}
