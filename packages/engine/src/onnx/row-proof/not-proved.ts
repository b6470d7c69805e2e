/**
 * Why an operator cannot be proved to keep rows apart. The message continues a sentence that begins with the operator: "over the row
 * axis", "picks rows".
 */
export class NotProved extends Error {
  override readonly name = 'NotProved';
}

/** Thrown where a proof takes too many steps or too long; it ends the whole proof. */
export class ProofTooLong extends Error {
  override readonly name = 'ProofTooLong';
}

/** Thrown by operators whose answer is not the same twice, so that not even equal operands give what is the same for all rows. */
export class NeverProved extends NotProved {}
