import { describe, expect, it } from '@jest/globals';
import { chooseVersion, whyNoVersion } from './choose-version';

interface Version {
  readonly version: string;
  readonly state: 'READY' | 'LOADING' | 'UNAVAILABLE';
}

const versions: readonly Version[] = [
  { version: '9', state: 'READY' },
  { version: '10', state: 'READY' },
  { version: '9223372036854775807', state: 'LOADING' },
  { version: '2', state: 'UNAVAILABLE' },
];

function chosen(from: readonly Version[], asked?: string): string | undefined {
  return chooseVersion(from, asked, ({ state }) => state === 'READY')?.version;
}

function refused(from: readonly Version[], asked?: string): object {
  const { reason, message, details } = whyNoVersion('m', from, asked, 'model_version');
  return { reason, message, ...details };
}

describe('chooseVersion', () => {
  it('takes the highest that is ready, by number and in whatever order they come', () => {
    expect(chosen(versions)).toBe('10');
    expect(chosen([...versions].reverse())).toBe('10');
    expect(chosen([])).toBeUndefined();
  });

  it('takes the version asked for, and no other in its place', () => {
    expect(chosen(versions, '9')).toBe('9');
    expect(chosen(versions, '2')).toBeUndefined();
    expect(chosen(versions, '3')).toBeUndefined();
  });

  it('takes the later of two that have the same number, if it is ready', () => {
    const [old, replacement] = [{ version: '1' }, { version: '1' }];
    expect(chooseVersion([old, replacement], undefined, () => true)).toBe(replacement);
    expect(chooseVersion([old, replacement], '1', (candidate) => candidate === old)).toBe(old);
  });

  it('never takes the empty version of a model that has none', () => {
    expect(chosen([{ version: '', state: 'READY' }])).toBeUndefined();
  });
});

describe('whyNoVersion', () => {
  const waiting = versions.filter(({ state }) => state !== 'READY');

  it('tells a version that does not exist from one that is not ready', () => {
    expect(refused(versions, '3')).toMatchObject({ reason: 'MODEL_VERSION_NOT_FOUND', field: 'model_version' });
    expect(refused(versions, '2')).toMatchObject({ reason: 'MODEL_NOT_READY' });
  });

  it('names the highest where none was asked for', () => {
    expect(refused(waiting)).toEqual({
      reason: 'MODEL_NOT_READY',
      message: "Request for unknown model: 'm' version 9223372036854775807 is not at ready state",
    });
  });

  it('says that a model without versions has none', () => {
    expect(refused([])).toMatchObject({ reason: 'MODEL_NO_VERSION' });
    expect(refused([{ version: '', state: 'UNAVAILABLE' }])).toMatchObject({ reason: 'MODEL_NO_VERSION' });
  });
});
