import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { fileFault, timely } from './repository-file';

afterEach(() => {
  jest.useRealTimers();
});

describe('timely', () => {
  it('does not wait for ever for a share whose server is gone', async () => {
    jest.useFakeTimers();
    const silent = timely(new Promise<never>(() => undefined)).then(
      () => 'answered',
      (error: unknown) => fileFault('model.onnx', error).message,
    );
    jest.advanceTimersByTime(10_000);
    expect(await silent).toBe('model.onnx cannot be used: it cannot be read: its disk or share does not answer');
  });

  it('gives the answer, or the error, of one that answers', async () => {
    expect(await timely(Promise.resolve(5))).toBe(5);
    await expect(timely(Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});

describe('fileFault', () => {
  it.each([
    ['ENOENT', 'the version has no labels.txt'],
    ['EACCES', 'labels.txt cannot be used: it may not be read by this process (permission denied)'],
    ['ESTALE', 'labels.txt cannot be used: it cannot be read: the share has lost it'],
    ['ESOMETHING', 'labels.txt cannot be used: it cannot be read'],
  ])('says what %s means, without a path', (code, words) => {
    const error = Object.assign(new Error(`${code}: open '/secret/labels.txt'`), { code });
    expect(fileFault('labels.txt', error).message).toBe(words);
  });
});
