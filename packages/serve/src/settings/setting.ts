import { z } from 'zod';

/** How a setting is declared. */
export interface SettingOptions {
  /** What it is and what turning it does; one or two sentences. */
  readonly doc: string;
  /** True: its value is masked in the log. */
  readonly secret?: boolean;
}

/** One setting of a process: its rule, and all that help and documentation say of it. */
export interface Setting<Value> extends SettingOptions {
  /** Accepts text (from the environment and flags) as well as JSON values (from the file). */
  readonly schema: z.ZodType<Value>;
  /** What the value must look like, to go after "expected". */
  readonly expected: string;
  /** As one would write it; undefined where there is none and the value stays undefined. */
  readonly defaultText: string | undefined;
  /** True: a flag without a value means `true`. */
  readonly isSwitch: boolean;
}

/** A setting without a default may be left out. */
type Defaulted<Value, Default> = Default extends undefined ? Setting<Value | undefined> : Setting<Value>;

interface WithDefault<Default extends string | undefined> extends SettingOptions {
  readonly default: Default;
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** Any text that is not empty. */
export function text<D extends string | undefined>(options: WithDefault<D>): Defaulted<string, D> {
  return make(options, z.string().min(1), 'text');
}

/** One of a few words. */
export function choice<const W extends string, D extends W | undefined>(
  words: readonly W[],
  options: WithDefault<D>,
): Defaulted<W, D> {
  return make(options, z.enum(words), `one of ${words.join(', ')}`);
}

/** Texts separated by commas; a list in the file. */
export function list<D extends string | undefined>(options: WithDefault<D>): Defaulted<readonly string[], D> {
  const entries = z.array(z.string().min(1));
  const schema = z.preprocess((value) => (typeof value === 'string' ? splitList(value) : value), entries);
  return make(options, schema, 'entries separated by commas');
}

/** `true` or `false`; as a flag its name alone is `true`. */
export function toggle<D extends 'true' | 'false'>(options: WithDefault<D>): Setting<boolean> {
  const schema = z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean());
  return { ...make(options, schema, 'true or false'), isSwitch: true };
}

/** A whole number. */
export function integer<D extends string | undefined>(range: Range, options: WithDefault<D>): Defaulted<number, D> {
  const schema = z.preprocess(toNumber, inRange(z.number().int(), range));
  return make(options, schema, `a whole number${rangeText(range, String)}`);
}

/** A number, whole or not. */
export function number<D extends string | undefined>(range: Range, options: WithDefault<D>): Defaulted<number, D> {
  const schema = z.preprocess(toNumber, inRange(z.number(), range));
  return make(options, schema, `a number${rangeText(range, String)}`);
}

/** A TCP port; 0 takes any that is free. */
export function port(options: WithDefault<string>): Setting<number> {
  return integer({ min: 0, max: 65_535 }, options);
}

const millisecondsOf: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A time with its unit, e.g. `5ms`, `2s`, `1.5m`, `1h`; in milliseconds. Only 0 needs no unit. The name ends in `Ms`. */
export function duration<D extends string | undefined>(range: Range, options: WithDefault<D>): Defaulted<number, D> {
  const schema = z.preprocess((value) => withUnit(value, millisecondsOf, undefined), inRange(z.number(), range));
  return make(options, schema, `a time such as 5ms, 2s or 1m${rangeText(range, formatDuration)}`);
}

const bytesOf: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
};

/** A number of bytes, with a unit or without, e.g. `64MiB`. */
export function byteSize<D extends string | undefined>(range: Range, options: WithDefault<D>): Defaulted<number, D> {
  const schema = z.preprocess((value) => withUnit(value, bytesOf, 1), inRange(z.number().int(), range));
  return make(options, schema, `a size such as 512KiB or 64MiB${rangeText(range, formatBytes)}`);
}

function make<Value>(
  { default: defaultText, ...options }: WithDefault<string | undefined>,
  schema: z.ZodType<Value>,
  expected: string,
): Setting<Value> {
  return { ...options, schema, expected, defaultText, isSwitch: false };
}

function splitList(value: string): string[] {
  return value.trim() === '' ? [] : value.split(',').map((entry) => entry.trim());
}

/** Number('') is 0 and Number('0x10') is 16; neither is meant. */
function toNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

function withUnit(value: unknown, units: Readonly<Record<string, number>>, bare: number | undefined): unknown {
  const match = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(String(value));
  if (match === null) return value;
  const amount = Number(match[1]);
  const unit =
    match[2] === '' ? (amount === 0 ? 1 : bare) : Object.hasOwn(units, match[2]!) ? units[match[2]!] : undefined;
  // Text fails the schema, as it should.
  return unit === undefined ? String(value) : amount * unit;
}

function inRange(schema: z.ZodNumber, { min, max }: Range): z.ZodNumber {
  const bounded = min === undefined ? schema : schema.min(min);
  return max === undefined ? bounded : bounded.max(max);
}

function rangeText({ min, max }: Range, format: (value: number) => string): string {
  if (min !== undefined && max !== undefined) return ` from ${format(min)} to ${format(max)}`;
  if (min !== undefined) return `, at least ${format(min)}`;
  return max === undefined ? '' : `, at most ${format(max)}`;
}

/** Milliseconds in the largest unit that needs no fraction. */
export function formatDuration(milliseconds: number): string {
  return inLargestUnit(milliseconds, millisecondsOf, ['h', 'm', 's', 'ms']);
}

/** Bytes in the largest unit that needs no fraction. */
export function formatBytes(bytes: number): string {
  return inLargestUnit(bytes, bytesOf, ['GiB', 'MiB', 'KiB', 'B']);
}

function inLargestUnit(value: number, units: Readonly<Record<string, number>>, order: readonly string[]): string {
  const unit = order.find((candidate) => value !== 0 && value % units[candidate]! === 0);
  return unit === undefined ? String(value) : `${value / units[unit]!}${unit}`;
}
