/** gRPC status codes (google.rpc.Code), by name. */
export const Status = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** Name of a gRPC status. */
export type StatusName = keyof typeof Status;

/** Number of a gRPC status, 0 to 16. */
export type StatusCode = (typeof Status)[StatusName];

const nameOfCode: ReadonlyMap<number, StatusName> = new Map(
  Object.entries(Status).map(([name, code]) => [code, name as StatusName]),
);

/** Name of a status code; `UNKNOWN` for a number that gRPC does not define, as gRPC says. */
export function statusName(code: number): StatusName {
  return nameOfCode.get(code) ?? 'UNKNOWN';
}
