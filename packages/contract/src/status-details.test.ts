import { describe, expect, it } from '@jest/globals';
import { google } from '../gen/messages';
import { refusal } from './refusal';
import { Status } from './status';
import { decodeStatusDetails, encodeStatusDetails } from './status-details';

describe('encodeStatusDetails', () => {
  it('says again all that the error says', () => {
    const args = { model: 'm', input: 'x', expected: 12, got: 16 };
    const error = refusal('BYTE_SIZE_MISMATCH', args, { field: 'inputs[0]', retryDelayMs: 1250.5 });
    expect(decodeStatusDetails(encodeStatusDetails(error))).toEqual({
      code: Status.INVALID_ARGUMENT,
      message: error.message,
      reason: 'BYTE_SIZE_MISMATCH',
      details: { field: 'inputs[0]', expected: '12', got: '16', retryDelayMs: 1250.5 },
    });
  });

  it('names the field in a BadRequest, and only where there is one', () => {
    const kinds = (error: Error): (string | null | undefined)[] =>
      google.rpc.Status.decode(encodeStatusDetails(error as never)).details.map(({ type_url: url }) => url);
    expect(kinds(refusal('MODEL_NAME_INVALID', {}, { field: 'k' }))).toEqual([
      'type.googleapis.com/google.rpc.ErrorInfo',
      'type.googleapis.com/google.rpc.BadRequest',
    ]);
    expect(kinds(refusal('QUEUE_FULL', {}))).toEqual(['type.googleapis.com/google.rpc.ErrorInfo']);
  });

  it('cleans details that the thrower did not', () => {
    const error = refusal('MODEL_NAME_INVALID', {}, { field: 'k\n\ud83d', got: 'y'.repeat(500) });
    const { details } = decodeStatusDetails(encodeStatusDetails(error));
    expect(details.field).toBe('k??');
    expect(details.got).toHaveLength(67);
  });
});

describe('decodeStatusDetails', () => {
  it('refuses bytes that are no status', () => {
    expect(() => decodeStatusDetails(Buffer.from([0x12, 0xff]))).toThrow(
      expect.objectContaining({ reason: 'MESSAGE_MALFORMED' }),
    );
  });

  it("passes over other servers' details", () => {
    const info = google.rpc.ErrorInfo.encode({ reason: 'QUEUE_FULL', domain: 'elsewhere.example' }).finish();
    const details = [{ type_url: 'type.googleapis.com/google.rpc.ErrorInfo', value: info }];
    const bytes = google.rpc.Status.encode({ code: 8, message: 'no', details }).finish();
    expect(decodeStatusDetails(bytes)).toEqual({ code: 8, message: 'no', reason: undefined, details: {} });
  });
});
