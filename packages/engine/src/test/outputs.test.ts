import { describe, expect, it } from '@jest/globals';
import { int64, identity, onnxModel } from '../testing';
import { output, refusalOf, request, startEngine } from './support';

const maxOutputBytes = 1_000_000;

/** As many zeros as the input says: a few bytes ask for any amount of memory. FP32. */
function zerosByValue(): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'count', datatype: 'INT64', shape: [1] }],
    outputs: [{ name: 'zeros', datatype: 'FP32', shape: ['count'] }],
    nodes: [{ op: 'ConstantOfShape', inputs: ['count'], outputs: ['zeros'] }],
  });
}

describe('the size of outputs', () => {
  it('is bounded: a run that answers with more fails its call, and the next is served', async () => {
    const engine = await startEngine({ zeros: { model: zerosByValue() } }, { maxOutputBytes });
    const zeros = (count: number): ReturnType<typeof engine.infer> =>
      engine.infer(request('zeros', { count: int64([1], [count]) }));
    const error = await refusalOf(zeros(250_001));
    expect(error).toMatchObject({
      reason: 'OUTPUTS_TOO_LARGE',
      message: "model 'zeros' answered this request with 1000004 bytes; at most 1000000 are allowed",
    });
    expect(output((await zeros(250_000)).outputs, 'zeros').shape).toEqual([250_000]);
  });

  it('is refused at load where the declared shape alone is too large', async () => {
    const models = {
      wide: { model: identity('FP32', ['n', 250_001]) },
      fits: { model: identity('FP32', ['n', 250_000]) },
    };
    const engine = await startEngine(models, { maxOutputBytes });
    expect(engine.models()).toMatchObject([
      { name: 'fits', state: 'READY' },
      {
        name: 'wide',
        state: 'FAILED',
        reason:
          'MODEL_UNSUPPORTED: the model cannot be served: its outputs take 1000004 bytes or more, and at most 1000000 are allowed',
      },
    ]);
  });
});
