import { describe, expect, it } from '@jest/globals';
import { defineRefusals, statusOf } from './refusal';
import { findRefusal, isReason } from './refusal-tables';
import { Status } from './status';
import { decodeStatusDetails, encodeStatusDetails } from './status-details';
import { TributaryError } from './tributary-error';

const entry = {
  status: Status.INVALID_ARGUMENT,
  message: (a: { got: number }) => `${a.got} sounds are too many`,
  meaning: 'Too many.',
  remedy: 'Send fewer.',
};

describe('refusals of a task', () => {
  it('are made, get their status and reach the caller like those of the contract', () => {
    const refusal = defineRefusals('speech', { SOUNDS_TOO_MANY: entry });
    const error = refusal('SOUNDS_TOO_MANY', { got: 9 }, { field: 'sounds' });
    expect(error).toMatchObject({ reason: 'SOUNDS_TOO_MANY', message: '9 sounds are too many' });
    expect(error.details).toEqual({ field: 'sounds', got: '9' });
    expect(statusOf(error)).toBe(Status.INVALID_ARGUMENT);
    expect(decodeStatusDetails(encodeStatusDetails(error))).toMatchObject({
      code: Status.INVALID_ARGUMENT,
      reason: 'SOUNDS_TOO_MANY',
      details: { field: 'sounds', got: '9' },
    });
    expect(refusal('QUEUE_FULL', {}).message).toBe('Exceeds maximum queue size');
  });

  it('are known by their reason alone after a way as text', () => {
    defineRefusals('speech', { SOUNDS_TOO_MANY: entry });
    expect(statusOf(new TributaryError('SOUNDS_TOO_MANY', 'from another thread'))).toBe(Status.INVALID_ARGUMENT);
    expect(statusOf(new TributaryError('OF_NO_TABLE', 'from nowhere'))).toBe(Status.INTERNAL);
  });

  it('cannot take a reason that another table has, under the same owner they may be declared again', () => {
    defineRefusals('one', { A_REASON: entry });
    defineRefusals('one', { A_REASON: entry });
    expect(() => defineRefusals('two', { A_REASON: entry })).toThrow(/two tables of refusals have A_REASON/);
    expect(() => defineRefusals('two', { QUEUE_FULL: entry })).toThrow(/QUEUE_FULL/);
  });

  it('have no inherited names', () => {
    expect(findRefusal('QUEUE_FULL')?.status).toBe(Status.RESOURCE_EXHAUSTED);
    expect(findRefusal('constructor')).toBeUndefined();
    expect(['QUEUE_FULL', 'A1_B'].map(isReason)).toEqual([true, true]);
    expect(['constructor', '', 'A B', 'A'.repeat(65)].map(isReason)).toEqual([false, false, false, false]);
  });
});
