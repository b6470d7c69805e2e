import { describe, expect, it } from '@jest/globals';
import { errorCatalogue } from './error-catalogue';
import { refusal, statusOf, withRequestId } from './refusal';
import { Status } from './status';

const hostile = `\n\0\ud83d${'x'.repeat(5000)}`;

/** Arguments for any message: hostile texts and lists, whatever it asks for. */
function hostileArguments(reason: string): never {
  const shapes = reason.startsWith('SHAPE_') || reason === 'TENSOR_EMPTY';
  return new Proxy(
    {},
    {
      get: (_target, key) => {
        if (key === 'names' || key === 'missing') return Array<string>(1000).fill(hostile);
        return shapes && (key === 'got' || key === 'expected') ? Array<number>(10_000).fill(1e300) : hostile;
      },
    },
  ) as never;
}

describe('errorCatalogue', () => {
  it.each(Object.entries(errorCatalogue))(
    '%s has a failing status, an explanation, and a message that is short and printable whatever it echoes',
    (reason, entry) => {
      expect(reason).toMatch(/^[A-Z][A-Z_]+$/);
      expect(entry.status).not.toBe(Status.OK);
      expect(entry.meaning).toMatch(/\.$/);
      expect(entry.remedy).toMatch(/[.!]$/);
      const { message } = refusal(reason as 'INTERNAL', hostileArguments(reason));
      expect(() => encodeURI(message)).not.toThrow();
      expect(message).not.toMatch(/[\n\0]/);
      expect(message.length).toBeLessThanOrEqual(1024);
    },
  );

  it('answers overload with RESOURCE_EXHAUSTED and a queue timeout with DEADLINE_EXCEEDED', () => {
    expect(statusOf(refusal('QUEUE_FULL', {}))).toBe(Status.RESOURCE_EXHAUSTED);
    expect(statusOf(refusal('QUEUE_TIMEOUT', {}))).toBe(Status.DEADLINE_EXCEEDED);
  });
});

describe('refusal', () => {
  it("says an unknown model in Triton's words", () => {
    expect(refusal('MODEL_NOT_FOUND', { model: 'foo' }).message).toBe("Request for unknown model: 'foo' is not found");
  });

  it('says missing inputs in the words that clients look for', () => {
    const args = { model: 'm', expected: 2, got: 1, names: ['a'], missing: ['b'] };
    expect(refusal('INPUT_COUNT', args).message).toBe(
      "expected 2 inputs but got 1 inputs for model 'm'. Got input(s) ['a'], but missing required input(s) ['b']. " +
        'Please provide all required input(s).',
    );
  });

  it('carries field, expected and got as details, and the cause for the log alone', () => {
    const cause = new Error('/secret/path');
    const args = { model: 'm', input: 'x', expected: [-1, 3], got: [2, 4], batched: false };
    const error = refusal('SHAPE_MISMATCH', args, { field: 'inputs[0].shape' }, { cause });
    expect(error.details).toEqual({ field: 'inputs[0].shape', expected: '[-1,3]', got: '[2,4]' });
    expect(error.cause).toBe(cause);
    expect(error.message).not.toContain('secret');
  });

  it('tells a shape with unknown dimensions from one that is too large', () => {
    const of = (got: number[]): string => refusal('SHAPE_INVALID', { model: 'm', input: 'x', got }).message;
    expect(of([-1, 2])).toBe("All input dimensions should be specified for input 'x' for model 'm', got [-1,2]");
    expect(of([2 ** 31])).toContain('beyond the limits');
  });
});

describe('withRequestId', () => {
  it('puts the id of the request in front, once there is one', () => {
    const error = refusal('QUEUE_FULL', {}, { retryDelayMs: 5 });
    expect(withRequestId(error, '')).toBe(error);
    const named = withRequestId(error, 'call\n7');
    expect(named.message).toBe('[request id: call?7] Exceeds maximum queue size');
    expect(named.reason).toBe('QUEUE_FULL');
    expect(named.details).toEqual({ retryDelayMs: 5 });
  });
});
