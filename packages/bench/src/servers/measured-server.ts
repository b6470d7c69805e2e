/** A server that can be measured. */
export interface MeasuredServer {
  readonly name: string;
  readonly port: number;
  /** Of the process whose CPU is counted, with all that it started. */
  readonly pid: number;
  /** OK answers since its start by its own count of one method; absent where it does not count. */
  answered?(path: string): Promise<number>;
}
