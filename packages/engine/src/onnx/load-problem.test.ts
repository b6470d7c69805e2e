import { describe, expect, it } from '@jest/globals';
import { loadProblem } from './load-problem';

describe('loadProblem', () => {
  it.each([
    [
      'Exception during initialization: /onnxruntime_src/string_normalizer.cc:235 Failed to construct locale with name:en_US.UTF-8:locale::facet::_S_create_c_locale name not valid:Please, install',
      'its StringNormalizer needs the locale en_US.UTF-8, which this system does not have',
    ],
    [
      'Load model from /m/model.onnx failed:Fatal error: my.ops:Nope(-1) is not a registered function/op',
      'operator Nope of domain my.ops is not known to this ONNX Runtime',
    ],
    [
      'Load model from /m/model.onnx failed:This is an invalid model. In Node, ("", Nope, "", -1) : ("x": tensor(float),) -> ("y": tensor(float),) , Error No Op registered for Nope with domain_version of 17',
      'opset 17 has no operator Nope',
    ],
    [
      'Load model from /m/model.onnx failed:/onnxruntime_src/model.cc:202 Unsupported model IR version: 99, max supported IR version: 13',
      'its IR version is 99; at most 13 can be read',
    ],
    [
      'Load model from /m/model.onnx failed:This is an invalid model. In Node, ("", Concat, "", -1) : ("x": tensor(float),) , Error Required attribute \'axis\' is missing.',
      "a node lacks its attribute 'axis'",
    ],
    ['Load model from /m/model.onnx failed: /onnxruntime_src/x.cc:1 something of tomorrow', 'the graph is not valid'],
    ['Exception during initialization: /onnxruntime_src/x.cc:1 something', 'a node cannot be set up'],
  ])('says in words of ours what is wrong: %s', (said, meaning) => {
    const problem = loadProblem(said);
    expect(problem).toMatch(/^ONNX Runtime refused model\.onnx: /);
    expect(problem).toContain(meaning);
    expect(problem).not.toMatch(/\/m\/|onnxruntime_src|\.cc/);
  });
});
