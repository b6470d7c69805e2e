import type { Int64 } from '@tributary/contract';

type Scalar = string | number | boolean | Uint8Array | Exclude<Int64, number>;

/**
 * A decoded message. Generated types call every field optional, for messages that are being made; a decoded one has them all:
 * scalars and lists with their defaults, and null for a message that was not sent.
 */
export type Filled<Message> = {
  [Key in keyof Message as Key extends '$unknowns' ? never : Key]-?: FilledField<NonNullable<Message[Key]>>;
};

type FilledField<Field> = [Field] extends [Scalar]
  ? Field
  : Field extends readonly (infer Element)[]
    ? FilledElement<NonNullable<Element>>[]
    : string extends keyof Field
      ? { [key: string]: FilledElement<NonNullable<Field[keyof Field]>> }
      : Filled<Field> | null;

type FilledElement<Element> = [Element] extends [Scalar] ? Element : Filled<Element>;
