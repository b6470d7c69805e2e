import { expect, it } from '@jest/globals';
import { CallSignal } from './call-signal';

it('tells each listener once, of either kind, and none that was removed', () => {
  const signal = new CallSignal();
  const told: string[] = [];
  const twice = (): unknown => told.push('function');
  const removed = (): unknown => told.push('removed');
  signal.addEventListener('abort', twice);
  signal.addEventListener('abort', twice);
  signal.addEventListener('abort', { handleEvent: ({ type }) => told.push(type) });
  signal.addEventListener('abort', removed);
  signal.addEventListener('other', removed);
  signal.removeEventListener('abort', removed);
  signal.onabort = () => told.push('onabort');
  signal.abort('why');
  signal.abort('again');
  expect(told).toEqual(['onabort', 'function', 'abort']);
  expect([signal.aborted, signal.reason]).toEqual([true, 'why']);
});

it('throws its reason once it has aborted', () => {
  const signal = new CallSignal();
  expect(() => signal.throwIfAborted()).not.toThrow();
  signal.abort(new Error('why'));
  expect(() => signal.throwIfAborted()).toThrow('why');
});
