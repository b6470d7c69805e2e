import { describe, expect, it } from '@jest/globals';
import { parseTarget } from './resolve-target';

describe('parseTarget', () => {
  it('knows addresses from names', () => {
    expect(parseTarget('127.0.0.1:8011')).toEqual({ kind: 'address', address: '127.0.0.1:8011' });
    expect(parseTarget('[::1]:8011')).toEqual({ kind: 'address', address: '[::1]:8011' });
    expect(parseTarget('nlp.models:8021')).toEqual({ kind: 'name', host: 'nlp.models', port: 8021 });
    expect(parseTarget('dns:///nlp:8021')).toEqual({ kind: 'name', host: 'nlp', port: 8021 });
  });

  it.each(['', 'nlp', 'nlp:', ':8021', 'nlp:0', 'nlp:65536', 'http://nlp:8021', '::1:8021', '[nlp]:1', 'a b:1'])(
    'refuses %j by name',
    (text) => {
      expect(() => parseTarget(text)).toThrow(`'${text}' is not an upstream`);
    },
  );
});
