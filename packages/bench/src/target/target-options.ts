import { isDatatype, type Datatype } from '@tributary/contract';
import { Flags, renderFlags, type Flag } from '../command-line/flags';
import type { Address } from '../load/unary-connection';

/** An input that the command line describes because the server does not. */
export interface NamedInput {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** Which server to measure, and how. */
export interface TargetOptions {
  readonly target: Address;
  readonly model: string;
  /** '' for the server's choice. */
  readonly version: string;
  /** Shapes by the name of their input, for those with dimensions that vary. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** In place of what ModelMetadata tells. */
  readonly inputs: readonly NamedInput[];
  readonly connections: number;
  readonly inFlight: number;
  /** Calls a second of an open loop; undefined for a closed one. */
  readonly rate: number | undefined;
  readonly seconds: number;
  readonly json: boolean;
}

const flags: readonly Flag[] = [
  { name: '--target', value: 'HOST:PORT', help: 'the server, plaintext gRPC' },
  { name: '--model', value: 'NAME', help: 'its model' },
  { name: '--version', value: 'N', help: "version of the model (default: the server's choice)" },
  {
    name: '--shape',
    value: 'INPUT:DIMS',
    help: 'shape of an input whose dimensions vary, e.g. ids:1x32; once for each',
  },
  {
    name: '--input',
    value: 'INPUT:TYPE:DIMS',
    help: 'an input in full, e.g. x:FP32:1x64, where the server describes none; once for each',
  },
  { name: '--connections', value: 'N', help: 'connections (default 4)' },
  { name: '--in-flight', value: 'N', help: 'closed loop: calls in flight on each connection (default 8)' },
  { name: '--rate', value: 'R', help: 'open loop: R calls a second at Poisson times, whether or not answers come' },
  { name: '--seconds', value: 'S', help: 'how long is measured, after a warm-up of half a second (default 5)' },
  { name: '--json', help: 'one JSON object on standard output; progress stays on standard error' },
  { name: '--help', help: 'this text' },
];

export const targetHelp = `pnpm bench --target HOST:PORT --model NAME [--shape INPUT:DIMS]... [--connections N] [--in-flight N | --rate R]

Measures any server of the Open Inference Protocol over gRPC (Triton, KServe, MLServer, this one): reads what the model takes from
ModelMetadata, draws inputs by a fixed seed, sends them by ModelInfer with raw contents, and checks of every answer that it is OK
and that its outputs are as declared. Their values are not judged.

${renderFlags(flags)}

A first dimension that varies is taken as 1 (the batch); every other one needs --shape. Integers are drawn from 0 to 99, floats from
-1 to 1, strings are short words.

Exit code: 0, or 1 where a call failed or an answer was not as declared.`;

/** Reads the command line of a measurement of any server. Throws an Error with all that is wrong. */
export function parseTargetOptions(args: readonly string[]): TargetOptions {
  const read = new Flags(args, flags);
  const target = readAddress(read.text('--target') ?? '');
  if (target === undefined) read.faults.push(`--target: expected HOST:PORT, got "${read.text('--target') ?? ''}"`);
  const model = read.text('--model') ?? '';
  if (model === '') read.faults.push('--model: expected a name');
  const shapes = new Map<string, readonly number[]>();
  for (const text of read.all('--shape')) {
    const { name, shape } = readNamedShape(text);
    if (name === '' || shape === undefined)
      read.faults.push(`--shape: expected INPUT:DIMS like ids:1x32, got "${text}"`);
    else shapes.set(name, shape);
  }
  const inputs: NamedInput[] = [];
  for (const text of read.all('--input')) {
    const { name: named, shape } = readNamedShape(text);
    const colon = named.lastIndexOf(':');
    const [name, datatype] = [named.slice(0, colon), named.slice(colon + 1)];
    if (colon < 1 || shape === undefined || !isDatatype(datatype))
      read.faults.push(`--input: expected INPUT:TYPE:DIMS like x:FP32:1x64, got "${text}"`);
    else inputs.push({ name, datatype, shape });
  }
  if (read.has('--rate') && read.has('--in-flight'))
    read.faults.push('--rate is an open loop, --in-flight a closed one: choose');
  const connections = read.number('--connections', { min: 1, max: 1000, whole: true }) ?? 4;
  const inFlight = read.number('--in-flight', { min: 1, max: 10_000, whole: true }) ?? 8;
  const rate = read.number('--rate', { min: 0.1, max: 1e6 });
  const seconds = read.number('--seconds', { min: 0.1, max: 3600 }) ?? 5;
  read.assertRight();
  return {
    ...{ target: target!, model, version: read.text('--version') ?? '', shapes, inputs },
    ...{ connections, inFlight, rate, seconds, json: read.has('--json') },
  };
}

/** `host:8001`, `[::1]:8001` */
function readAddress(text: string): Address | undefined {
  const parts = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]{1,5})$/.exec(text);
  const port = Number(parts?.[3]);
  if (parts === null || port < 1 || port > 65_535) return undefined;
  return { host: parts[1] ?? parts[2]!, port };
}

/** `ids:1x32`: a name may hold colons itself. */
function readNamedShape(text: string): { name: string; shape: readonly number[] | undefined } {
  const colon = text.lastIndexOf(':');
  const dimensions = text.slice(colon + 1).split(/[x,]/);
  const shape = dimensions.every((size) => /^[0-9]{1,9}$/.test(size)) ? dimensions.map(Number) : undefined;
  return { name: text.slice(0, Math.max(colon, 0)), shape };
}
