/** Most sessions that a runner holds at the same time. */
const maxPlaces = 4096;
const rowLength = 8;

/** The row behind the places holds what concerns all sessions. */
const commonAt = maxPlaces * rowLength;

/** What a lane needs to run a session: addresses that live as long as the session does. */
export interface TableRow {
  readonly address: bigint;
  readonly inputNames: bigint;
  readonly outputNames: bigint;
  readonly inputs: number;
  readonly outputs: number;
  /** Its runs use the lane's thread alone. */
  readonly isSingleThreaded: boolean;
}

/** The runner's sessions as its lanes find them, by place. Memory of the runner's own, shared by its threads. */
export class SessionTable {
  private readonly rows: BigUint64Array;
  private readonly freePlaces: number[] = [];
  private places = 0;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(8 * (commonAt + 1))) {
    this.rows = new BigUint64Array(memory);
  }

  /** Private memory of the process above which a lane gives back what its run has left in the session's arena. */
  get shrinkAboveBytes(): number {
    return Number(this.rows[commonAt]);
  }

  set shrinkAboveBytes(bytes: number) {
    this.rows[commonAt] = BigInt(Math.min(Math.ceil(bytes), Number.MAX_SAFE_INTEGER));
  }

  /** Generation of what is at a place: another number is another session. */
  generation(place: number): bigint {
    return this.rows[place * rowLength]!;
  }

  /** @returns undefined where there is no session */
  read(place: number): TableRow | undefined {
    const row = this.rows.subarray(place * rowLength, (place + 1) * rowLength);
    const address = row[1] ?? 0n;
    if (address === 0n) return undefined;
    return {
      address,
      inputNames: row[2]!,
      outputNames: row[3]!,
      inputs: Number(row[4]),
      outputs: Number(row[5]),
      isSingleThreaded: row[6] === 1n,
    };
  }

  /** Only for the thread that holds the sessions. @returns its place. @throws RangeError where there is none left */
  add({ address, inputNames, outputNames, inputs, outputs, isSingleThreaded }: TableRow): number {
    const place = this.freePlaces.pop() ?? this.places++;
    if (place >= maxPlaces) throw new RangeError(`more than ${maxPlaces} sessions`);
    const at = place * rowLength;
    const values = [address, inputNames, outputNames, BigInt(inputs), BigInt(outputs), isSingleThreaded ? 1n : 0n];
    this.rows.set(values, at + 1);
    this.rows[at] = this.generation(place) + 1n;
    return place;
  }

  /** Only for the thread that holds the sessions; no run of it may be in flight. */
  remove(place: number): void {
    this.rows[place * rowLength + 1] = 0n;
    this.freePlaces.push(place);
  }
}
