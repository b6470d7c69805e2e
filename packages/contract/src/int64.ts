import type Long from 'long';

/** How the generated classes give 64-bit fields: a Long where it was on the wire, a number where it is the default. */
export type Int64 = Long | number;

/** A 64-bit field as an exact bigint. */
export function toBigInt(value: Int64): bigint {
  return BigInt(value.toString());
}
