import { describe, expect, it } from '@jest/globals';
import { ownKeyNames, peerKeyNames, quickKeyNames } from '../keys/key';
import { parseRunOptions } from './run-options';

describe('parseRunOptions', () => {
  it('measures every key of our own in seven rounds where nothing is said', () => {
    expect(parseRunOptions([])).toEqual({ json: false, quick: false, record: false, rounds: 7, keys: ownKeyNames });
  });

  it('takes two rounds with --quick, unless told otherwise', () => {
    expect(parseRunOptions(['--quick', '--json'])).toMatchObject({ quick: true, json: true, rounds: 2 });
    expect(parseRunOptions(['--quick', '--rounds', '5']).rounds).toBe(5);
    expect(parseRunOptions(['--rounds=9']).rounds).toBe(9);
  });

  it('measures the quick keys with --quick, unless others are named', () => {
    expect(parseRunOptions(['--quick']).keys).toEqual(quickKeyNames);
    expect(parseRunOptions(['--quick', '--only', 'alone.batching_cost']).keys).toEqual(['alone.batching_cost']);
  });

  it('measures the keys named, in their usual order', () => {
    const named = ['--only', 'text.served_over_bare,image.served_over_bare', '--only=small.service_over_echo'];
    expect(parseRunOptions(named).keys).toEqual([
      'small.service_over_echo',
      'image.served_over_bare',
      'text.served_over_bare',
    ]);
  });

  it('measures other servers where asked for, by their command or by a star', () => {
    expect(parseRunOptions([], 'peers').keys).toEqual(peerKeyNames);
    expect(parseRunOptions(['--quick'], 'peers').keys).toEqual(peerKeyNames);
    const named = peerKeyNames.filter((name) => name.startsWith('peers.'));
    expect(parseRunOptions(['--only', 'peers.*']).keys).toEqual(named);
    expect(parseRunOptions(['--only', 'peers.fastapi.*']).keys).toEqual(['peers.fastapi.small']);
  });

  it('names everything that is wrong at once', () => {
    const parse = () => parseRunOptions(['--rounds', '0', '--only', 'image', '--fast', '--quick', '--record']);
    expect(parse).toThrow(/--rounds: expected a whole number from 1 to 999, got "0"/);
    expect(parse).toThrow(/there is no key "image"/);
    expect(parse).toThrow(/unknown option --fast/);
    expect(parse).toThrow(/--record: the figures of --quick/);
    expect(() => parseRunOptions(['--only'])).toThrow(/--only: expected KEY/);
    expect(() => parseRunOptions(['--json=yes'])).toThrow(/--json takes no value/);
    expect(() => parseRunOptions(['pears'])).toThrow(/unknown argument pears/);
  });
});
