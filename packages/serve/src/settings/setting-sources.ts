import { readFileSync } from 'node:fs';
import { decodeUtf8 } from '@tributary/contract';
import type { SettingsShape } from './define-settings';
import { environmentPrefix, flagOf, variableOf } from './setting-names';

/** A value that somebody gave a setting. */
export interface GivenValue {
  readonly name: string;
  readonly value: unknown;
  /** For people, e.g. `--grpc-port`, `TRIBUTARY_GRPC_PORT` or `grpcPort in /etc/nlp.json`. */
  readonly source: string;
}

/** What one source says, and what in it is nobody's. */
export interface SourceReading {
  readonly values: readonly GivenValue[];
  readonly problems: readonly string[];
}

/** Variables of the project's own scripts; a process that inherits them has nothing to do with them. */
const toolVariables = new Set(
  ['BUILD_CACHE', 'CI_TOOLS', 'FOREIGN_CLIENTS', 'PYTHON'].map((name) => environmentPrefix + name),
);

/** Kubernetes describes every Service in the environment of every pod; one named tributary-... looks like settings of ours. */
const kubernetesVariable = /_SERVICE_HOST$|_SERVICE_PORT(_\w+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/;

/** Reads `--name value`, `--name=value` and, for switches, `--name`. */
export function readFlags(shape: SettingsShape, argv: readonly string[]): SourceReading {
  const nameOf = new Map(Object.keys(shape).map((name) => [flagOf(name), name]));
  const values: GivenValue[] = [];
  const problems: string[] = [];
  const rest = [...argv];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const [flag, inline] = splitOnce(argument);
    const name = nameOf.get(flag);
    if (name === undefined) {
      problems.push(unknownText('flag', flag, [...nameOf.keys()]));
      // What follows is most likely its value.
      if (inline === undefined && rest[0] !== undefined && !rest[0].startsWith('--')) rest.shift();
      continue;
    }
    const followed = rest[0] !== undefined && !rest[0].startsWith('--');
    const value = inline ?? (shape[name]!.isSwitch ? 'true' : followed ? rest.shift() : undefined);
    if (value === undefined) problems.push(`${flag}: expected a value`);
    else values.push({ name, value, source: flag });
  }
  return { values, problems };
}

/** Reads `TRIBUTARY_...`. */
export function readEnvironment(shape: SettingsShape, environment: NodeJS.ProcessEnv): SourceReading {
  const nameOf = new Map(Object.keys(shape).map((name) => [variableOf(name), name]));
  const values: GivenValue[] = [];
  const problems: string[] = [];
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(environmentPrefix) || value === undefined) continue;
    const name = nameOf.get(variable);
    if (name !== undefined) values.push({ name, value, source: variable });
    else if (!isForeign(variable, value)) problems.push(unknownText('variable', variable, [...nameOf.keys()]));
  }
  return { values, problems };
}

/** Reads a JSON object of settings by their names. */
export function readSettingsFile(shape: SettingsShape, path: string): SourceReading {
  let content: unknown;
  try {
    const decoded = decodeUtf8(readFileSync(path));
    if ('problem' in decoded)
      return { values: [], problems: [`the settings file ${path} cannot be read: ${decoded.problem}`] };
    content = JSON.parse(decoded.text);
  } catch (error) {
    const why = error instanceof SyntaxError ? `is not JSON (${error.message})` : 'cannot be read';
    return { values: [], problems: [`the settings file ${path} ${why}`] };
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return { values: [], problems: [`the settings file ${path} holds no object`] };
  }
  const entries = Object.entries(content);
  const known = Object.keys(shape);
  const isKnown = (name: string): boolean => Object.hasOwn(shape, name) && name !== 'config';
  return {
    values: entries
      .filter(([name]) => isKnown(name))
      .map(([name, value]: [string, unknown]) => ({ name, value, source: `${name} in ${path}` })),
    problems: entries
      .filter(([name]) => !isKnown(name))
      .map(([name]) => `${unknownText('setting', name, known)}, in ${path}`),
  };
}

function isForeign(variable: string, value: string): boolean {
  if (toolVariables.has(variable) || kubernetesVariable.test(variable)) return true;
  return variable.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value);
}

function splitOnce(argument: string): [string, string | undefined] {
  const at = argument.indexOf('=');
  return at === -1 ? [argument, undefined] : [argument.slice(0, at), argument.slice(at + 1)];
}

function unknownText(kind: string, given: string, known: readonly string[]): string {
  const nearest = known
    .map((name) => ({ name, distance: editDistance(given, name) }))
    .sort((a, b) => a.distance - b.distance)[0];
  // A slip changes a few letters of a long name; of a short one it would leave nothing.
  const slips = Math.min(3, Math.floor(given.replace(/^(--|TRIBUTARY_)/, '').length / 4));
  const hint = nearest !== undefined && nearest.distance <= slips ? `; did you mean ${nearest.name}?` : '';
  return `unknown ${kind} ${given}${hint}`;
}

/** Edits from one text to the other: characters put in, left out, changed, or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? beforePrevious[j - 2]! + 1 : Infinity;
      current.push(Math.min(substituted, previous[j]! + 1, current[j - 1]! + 1, swapped));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}
