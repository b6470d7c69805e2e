import { expect, it } from '@jest/globals';
import { Admission } from './admission';
import { FramingFault, RequestBytes } from './request-bytes';

const MiB = 2 ** 20;
const limits = { maxMessageBytes: MiB, oneMessage: true, encoded: true };

function head(flag: number, length: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(flag, 0);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

it('counts what arrives and gives it back', () => {
  const admission = new Admission(1, MiB);
  const bytes = new RequestBytes(admission, limits);
  expect(bytes.arrived(Buffer.concat([head(0, 10), Buffer.alloc(4)]))).toBeUndefined();
  expect([admission.bytes, bytes.declared]).toEqual([9, 10]);
  expect(bytes.arrived(Buffer.alloc(6))).toBeUndefined();
  bytes.settle(10);
  expect(admission.bytes).toBe(10);
  bytes.settle(0);
  expect(admission.bytes).toBe(0);
});

it('reads a head that comes byte by byte', () => {
  const bytes = new RequestBytes(new Admission(1, MiB), limits);
  for (const byte of head(1, 70_000)) expect(bytes.arrived(Buffer.from([byte]))).toBeUndefined();
  expect(bytes.declared).toBe(70_000);
});

it('refuses what exceeds the budget, and does not count it', () => {
  const admission = new Admission(1, 100);
  const first = new RequestBytes(admission, limits);
  const second = new RequestBytes(admission, limits);
  const part = Buffer.concat([head(0, 100), Buffer.alloc(55)]);
  expect(first.arrived(part)).toBeUndefined();
  expect(second.arrived(part)).toMatchObject({ reason: 'BYTES_IN_FLIGHT' });
  expect(admission.bytes).toBe(60);
  second.settle(0);
  expect(admission.bytes).toBe(60);
});

it('counts a compressed message, once it is complete, with the most that it can become', () => {
  const admission = new Admission(1, 16 * MiB);
  const small = new RequestBytes(admission, limits);
  small.arrived(Buffer.concat([head(1, 100), Buffer.alloc(99)]));
  expect(admission.bytes).toBe(104);
  small.arrived(Buffer.alloc(1));
  expect(admission.bytes).toBe(105 + 100 * 1032);
  small.settle(500);
  expect(admission.bytes).toBe(500);
  const large = new RequestBytes(admission, limits);
  large.arrived(Buffer.concat([head(1, 5000), Buffer.alloc(5000)]));
  expect(admission.bytes).toBe(500 + 5005 + MiB);
});

it('refuses a message over the limit at its head, before anything of it has come', () => {
  const admission = new Admission(1, 16 * MiB);
  const bytes = new RequestBytes(admission, limits);
  expect(bytes.arrived(head(0, MiB + 1))).toMatchObject({ reason: 'MESSAGE_TOO_LARGE' });
  expect(admission.bytes).toBe(0);
});

it('refuses anything behind the only message, also where that is empty', () => {
  for (const message of [head(0, 0), Buffer.concat([head(0, 3), Buffer.alloc(3)])]) {
    const bytes = new RequestBytes(new Admission(1, MiB), limits);
    expect(bytes.arrived(message)).toBeUndefined();
    expect(bytes.arrived(Buffer.alloc(1))).toBe(FramingFault.moreMessages);
  }
});

it('refuses flags that are none, and the one of compression without an encoding', () => {
  const admission = new Admission(1, MiB);
  expect(new RequestBytes(admission, limits).arrived(head(7, 1))).toBe(FramingFault.flag);
  expect(new RequestBytes(admission, { ...limits, encoded: false }).arrived(head(1, 1))).toBe(FramingFault.flag);
});
