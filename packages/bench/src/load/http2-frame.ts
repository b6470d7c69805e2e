/** Types of HTTP/2 frames (RFC 9113, section 6) that a caller meets. */
export const FrameType = {
  DATA: 0,
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const FrameFlag = { ACK: 0x1, END_STREAM: 0x1, END_HEADERS: 0x4, PADDED: 0x8, PRIORITY: 0x20 } as const;

export const Setting = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
} as const;

/** Length (3 bytes), type, flags, stream (4 bytes). */
export const frameHeaderBytes = 9;
/** The largest payload that every peer takes. */
export const maxPayloadBytes = 16_384;
/** A flow-control window before anyone said otherwise. */
export const defaultWindowBytes = 65_535;
/** The largest window there can be. */
export const maxWindowBytes = 2 ** 31 - 1;

export const connectionPreface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** A frame; its payload is a view. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** Writes a frame's header and returns the offset behind it. */
export function writeFrameHeader(
  into: Buffer,
  offset: number,
  frame: { readonly length: number; readonly type: number; readonly flags: number; readonly stream: number },
): number {
  into.writeUIntBE(frame.length, offset, 3);
  into[offset + 3] = frame.type;
  into[offset + 4] = frame.flags;
  into.writeUInt32BE(frame.stream, offset + 5);
  return offset + frameHeaderBytes;
}

export function encodeFrame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(frameHeaderBytes + payload.length);
  frame.set(payload, writeFrameHeader(frame, 0, { length: payload.length, type, flags, stream }));
  return frame;
}

export function encodeSettings(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(settings.length * 6);
  settings.forEach(([id, value], index) => {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  });
  return encodeFrame(FrameType.SETTINGS, 0, 0, payload);
}

export function encodeWindowUpdate(stream: number, bytes: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(bytes);
  return encodeFrame(FrameType.WINDOW_UPDATE, 0, stream, payload);
}

/** The payload of a DATA or HEADERS frame without padding and priority. Throws where the padding is longer than the frame. */
export function contentOf({ type, flags, payload }: Frame): Buffer {
  let start = 0;
  let end = payload.length;
  if (flags & FrameFlag.PADDED) {
    start = 1;
    end -= payload[0] ?? payload.length + 1;
  }
  if (type === FrameType.HEADERS && flags & FrameFlag.PRIORITY) start += 5;
  if (start > end) throw new Error('a frame is shorter than its padding');
  return payload.subarray(start, end);
}

/** Cuts a stream of bytes into frames, wherever the bytes were cut before. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  /** Hands over every frame that is whole by now; the bytes of the last one wait for more. */
  read(chunk: Buffer, onFrame: (frame: Frame) => void): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let offset = 0;
    while (bytes.length - offset >= frameHeaderBytes) {
      const start = offset + frameHeaderBytes;
      const end = start + bytes.readUIntBE(offset, 3);
      if (end > bytes.length) break;
      onFrame({
        type: bytes[offset + 3]!,
        flags: bytes[offset + 4]!,
        stream: bytes.readUInt32BE(offset + 5) & 0x7fff_ffff,
        payload: bytes.subarray(start, end),
      });
      offset = end;
    }
    this.rest = bytes.subarray(offset);
  }
}
