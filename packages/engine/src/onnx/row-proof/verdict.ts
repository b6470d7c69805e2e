import type { Objection } from './value';

/** What a proof says of a graph. */
export type RowVerdict =
  | {
      readonly kind: 'proved';
      /** What must hold in a batch, in words; empty where the proof was made for a signature. */
      readonly assumes: readonly string[];
      /** Operators of the graph that keep rows apart but whose kernels may not: they must be tried before rows are batched. */
      readonly triedKernels: readonly string[];
    }
  | ({ readonly kind: 'refused' } & Objection);

/** One sentence for the log and the metadata: `not batched: ReduceMax 'm' over the row axis`. */
export function describeVerdict(verdict: RowVerdict): string {
  if (verdict.kind === 'refused')
    return `not batched: ${verdict.operator}${verdict.node === '' ? '' : ` '${verdict.node}'`} ${verdict.why}`;
  const conditions = verdict.assumes.length === 0 ? '' : `, if ${verdict.assumes.join('; ')}`;
  return `batched: the graph keeps rows apart${conditions}`;
}
