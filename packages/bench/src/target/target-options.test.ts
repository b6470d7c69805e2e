import { describe, expect, it } from '@jest/globals';
import { parseTargetOptions } from './target-options';

const needed = ['--target', 'localhost:8001', '--model', 'mine'];

describe('parseTargetOptions', () => {
  it('needs a server and a model, and has a default for the rest', () => {
    expect(parseTargetOptions(needed)).toEqual({
      ...{ target: { host: 'localhost', port: 8001 }, model: 'mine', version: '', shapes: new Map(), inputs: [] },
      ...{ connections: 4, inFlight: 8, rate: undefined, seconds: 5, json: false },
    });
  });

  it('reads shapes and inputs, names with colons among them', () => {
    const more = ['--shape', 'ids:1x32', '--shape=a:b:2,3', '--input', 'x:0:FP32:1x64', '--target=[::1]:80'];
    const { shapes, inputs, target } = parseTargetOptions([...needed, ...more]);
    expect([...shapes]).toEqual([
      ['ids', [1, 32]],
      ['a:b', [2, 3]],
    ]);
    expect(inputs).toEqual([{ name: 'x:0', datatype: 'FP32', shape: [1, 64] }]);
    expect(target).toEqual({ host: '::1', port: 80 });
  });

  it('names everything that is wrong at once', () => {
    const wrong = ['--target', 'here', '--shape', '1x32', '--input', 'x:FLOAT:1', '--rate', '0', '--in-flight', '4'];
    const parse = () => parseTargetOptions(wrong);
    expect(parse).toThrow(/--target: expected HOST:PORT, got "here"/);
    expect(parse).toThrow(/--model: expected a name/);
    expect(parse).toThrow(/--shape: expected INPUT:DIMS/);
    expect(parse).toThrow(/--input: expected INPUT:TYPE:DIMS/);
    expect(parse).toThrow(/--rate: expected a number from 0.1/);
    expect(parse).toThrow(/choose/);
  });
});
