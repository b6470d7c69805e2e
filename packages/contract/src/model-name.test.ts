import { describe, expect, it } from '@jest/globals';
import { assertModelName, parseModelVersion } from './model-name';
import { TributaryError } from './tributary-error';

function reasonOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof TributaryError) return error.reason;
    throw error;
  }
  return 'none';
}

describe('assertModelName', () => {
  it.each(['m', 'bge-small-en', 'A.b_c-9', '9', 'constructor', 'a'.repeat(128)])('accepts %j', (name) => {
    expect(reasonOf(() => assertModelName(name, 'model_name'))).toBe('none');
  });

  it.each([
    '../../etc/passwd',
    '..',
    '/etc/passwd',
    'm/sub',
    ' ..',
    '\t',
    'a\n',
    'a'.repeat(129),
    'a'.repeat(10_240),
    '\ufffd',
    '\ud83d',
    '__proto__',
    'é',
  ])('case 2: refuses %j without echoing it', (name) => {
    expect(reasonOf(() => assertModelName(name, 'model_name'))).toBe('MODEL_NAME_INVALID');
    expect(() => assertModelName(name, 'model_name')).toThrow(
      "the model name is not valid; expected a letter or digit, then at most 127 letters, digits, '.', '_' or '-'",
    );
  });

  it('case 2: an empty name is missing, and the field is named', () => {
    expect(() => assertModelName('', 'name')).toThrow(
      expect.objectContaining({ reason: 'MODEL_NAME_MISSING', details: { field: 'name' } }),
    );
  });
});

describe('parseModelVersion', () => {
  it('leaves the choice open where there is none', () => {
    expect(parseModelVersion('', 'model_version')).toBeUndefined();
  });

  it.each([
    ['1', '1'],
    ['007', '7'],
    ['20260101', '20260101'],
    ['9223372036854775807', '9223372036854775807'],
  ])('reads %s', (text, version) => {
    expect(parseModelVersion(text, 'model_version')).toBe(version);
  });

  it.each(['0', '-1', 'abc', '9223372036854775808', '99999999999999999999', '1e3', '1.0', ' 1', '+1', '١'])(
    "case 3: refuses %j in Triton's words",
    (text) => {
      expect(() => parseModelVersion(text, 'model_version')).toThrow(
        `failed to get model version from specified version string '${text}' (details: stol), ` +
          'version should be an integral value > 0',
      );
    },
  );
});
