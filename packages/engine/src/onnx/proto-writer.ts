/** Writes protobuf fields one after another; just enough for ONNX files. */
export class ProtoWriter {
  private readonly parts: Uint8Array[] = [];

  /** An integer field; negative values take ten bytes as protobuf's int64 does. */
  varint(field: number, value: number): this {
    this.raw(encodeVarint(BigInt(field) * 8n));
    return this.raw(encodeVarint(BigInt.asUintN(64, BigInt(value))));
  }

  float(field: number, value: number): this {
    this.raw(encodeVarint(BigInt(field) * 8n + 5n));
    return this.raw(new Uint8Array(Float32Array.of(value).buffer));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.prefix(field, value.length).raw(value);
  }

  /** What stands before the content of a bytes field. */
  prefix(field: number, length: number): this {
    this.raw(encodeVarint(BigInt(field) * 8n + 2n));
    return this.raw(encodeVarint(BigInt(length)));
  }

  string(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value));
  }

  message(field: number, value: ProtoWriter): this {
    return this.bytes(field, value.finish());
  }

  finish(): Uint8Array {
    return Buffer.concat(this.parts);
  }

  private raw(bytes: Uint8Array): this {
    this.parts.push(bytes);
    return this;
  }
}

function encodeVarint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
