/** One .proto file of a descriptor set. */
interface ProtoFile {
  /** The encoded google.protobuf.FileDescriptorProto. */
  readonly bytes: Uint8Array;
  /** Names of the files it imports. */
  readonly imports: readonly string[];
}

/** Answers which file declares a name. */
export interface DescriptorIndex {
  /** The file and all that it imports, itself first; undefined for an unknown file. */
  withImports(fileName: string): readonly Uint8Array[] | undefined;
  /** Name of the file that declares a message, enum, service or method. */
  fileOf(symbol: string): string | undefined;
}

// Field numbers of google/protobuf/descriptor.proto.
const setField = { file: 1 } as const;
const fileField = { name: 1, package: 2, dependency: 3, message: 4, enum: 5, service: 6 } as const;
const messageField = { name: 1, nested: 3, enum: 4 } as const;
const serviceField = { name: 1, method: 2 } as const;
const nameField = 1;

/** Reads a serialized google.protobuf.FileDescriptorSet. Throws on bytes that are none. */
export function indexDescriptors(descriptorSet: Uint8Array): DescriptorIndex {
  const files = new Map<string, ProtoFile>();
  const fileOfSymbol = new Map<string, string>();
  for (const bytes of valuesOf(descriptorSet, setField.file)) {
    const name = textOf(bytes, fileField.name);
    files.set(name, { bytes, imports: valuesOf(bytes, fileField.dependency).map(toText) });
    for (const symbol of symbolsOf(bytes)) fileOfSymbol.set(symbol, name);
  }
  return {
    withImports: (fileName) => collect(files, fileName),
    fileOf: (symbol) => fileOfSymbol.get(symbol),
  };
}

function collect(files: ReadonlyMap<string, ProtoFile>, fileName: string): readonly Uint8Array[] | undefined {
  if (!files.has(fileName)) return undefined;
  const names = new Set([fileName]);
  // A Set that grows while it is walked is walked to its end.
  for (const name of names) for (const imported of files.get(name)?.imports ?? []) names.add(imported);
  return [...names].flatMap((name) => files.get(name)?.bytes ?? []);
}

function symbolsOf(file: Uint8Array): string[] {
  const scope = textOf(file, fileField.package);
  return [
    ...valuesOf(file, fileField.message).flatMap((message) => messageSymbols(message, scope)),
    ...namesIn(file, fileField.enum, scope),
    ...valuesOf(file, fileField.service).flatMap((service) => {
      const name = qualified(scope, textOf(service, serviceField.name));
      return [name, ...namesIn(service, serviceField.method, name)];
    }),
  ];
}

function messageSymbols(message: Uint8Array, scope: string): string[] {
  const name = qualified(scope, textOf(message, messageField.name));
  return [
    name,
    ...namesIn(message, messageField.enum, name),
    ...valuesOf(message, messageField.nested).flatMap((nested) => messageSymbols(nested, name)),
  ];
}

function namesIn(bytes: Uint8Array, field: number, scope: string): string[] {
  return valuesOf(bytes, field).map((value) => qualified(scope, textOf(value, nameField)));
}

function qualified(scope: string, name: string): string {
  return scope === '' ? name : `${scope}.${name}`;
}

function textOf(bytes: Uint8Array, field: number): string {
  const value = valuesOf(bytes, field).at(-1);
  return value === undefined ? '' : toText(value);
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** Values of a length-delimited field of an encoded message, as views. */
function valuesOf(bytes: Uint8Array, wanted: number): Uint8Array[] {
  const values: Uint8Array[] = [];
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[position++];
      if (byte === undefined || scale > 2 ** 63) throw new Error('the descriptor set is cut off or malformed');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (position < bytes.length) {
    const tag = varint();
    const wireType = tag % 8;
    if (wireType === 0) varint();
    else if (wireType === 1) position += 8;
    else if (wireType === 5) position += 4;
    else if (wireType === 2) {
      const length = varint();
      if (Math.floor(tag / 8) === wanted) values.push(bytes.subarray(position, position + length));
      position += length;
    } else throw new Error(`the descriptor set has an unknown wire type ${wireType}`);
  }
  return values;
}
