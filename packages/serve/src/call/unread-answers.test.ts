import { describe, expect, it } from '@jest/globals';
import { UnreadAnswers } from './unread-answers';

const isLet = (unread: UnreadAnswers, reader: object, bytes: number): boolean =>
  unread.take(reader, bytes) === undefined;

describe('answers that nobody reads', () => {
  it('are bounded for each reader, more narrowly the more of them there are, and in total', () => {
    const unread = new UnreadAnswers(1000);
    const readers = Array.from({ length: 40 }, () => ({}));
    let held = 0;
    for (let turn = 0; turn < 100; turn += 1) {
      for (const reader of readers) if (isLet(unread, reader, 20)) held += 20;
    }
    expect(held).toBeLessThanOrEqual(2000);
  });

  it('of one reader do not fail the calls of another', () => {
    const unread = new UnreadAnswers(1000);
    const slow = {};
    while (isLet(unread, slow, 100));
    const quick = {};
    expect(isLet(unread, quick, 400)).toBe(true);
    expect(isLet(unread, quick, 100)).toBe(true);
    expect(isLet(unread, slow, 100)).toBe(false);
    unread.give(slow, 1000);
    expect(isLet(unread, quick, 500)).toBe(true);
  });

  it('are let through one at a time, however long', () => {
    const unread = new UnreadAnswers(1000);
    const reader = {};
    expect(isLet(unread, reader, 5000)).toBe(true);
    expect(isLet(unread, reader, 1)).toBe(false);
    unread.give(reader, 5000);
    expect(isLet(unread, reader, 1)).toBe(true);
  });
});
