import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { ModelInfo } from '@tributary/engine';
import { EngineHealth, firstLoadPatienceMs } from './engine-health';
import { FakeEngine, modelInfo } from './test/fake-engine';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

it('calls are welcome although a model hangs while it is loaded, once the others have waited long enough for it', () => {
  const engine = new FakeEngine(modelInfo('hangs', { state: 'LOADING' }));
  const health = new EngineHealth(engine, []);
  const heard: boolean[] = [];
  health.onChange(() => heard.push(health.isServing()));
  jest.advanceTimersByTime(firstLoadPatienceMs);
  expect(health.isServing()).toBe(false);
  engine.become(modelInfo('good'), modelInfo('hangs', { state: 'LOADING' }));
  jest.advanceTimersByTime(firstLoadPatienceMs - 1);
  expect(health.isServing()).toBe(false);
  jest.advanceTimersByTime(1);
  expect([health.isServing(), health.ready()]).toEqual([true, false]);
  expect(heard).toEqual([false, true]);
});

it('a model that comes to a ready process counts for its readiness from its first answer on', () => {
  const engine = new FakeEngine(modelInfo('good'));
  const health = new EngineHealth(engine, []);
  const isReadyWith = (...models: ModelInfo[]): boolean => {
    engine.become(...models);
    return health.ready();
  };
  const good = modelInfo('good');
  expect(isReadyWith(good, modelInfo('late', { state: 'LOADING' }))).toBe(true);
  expect(isReadyWith(good, modelInfo('late', { state: 'FAILED' }))).toBe(true);
  expect(isReadyWith(good, modelInfo('late'))).toBe(true);
  expect(isReadyWith(good, modelInfo('late', { state: 'FAILED' }))).toBe(false);
  expect(isReadyWith(good)).toBe(true);
  expect(isReadyWith(modelInfo('good', { state: 'FAILED' }))).toBe(false);
});
