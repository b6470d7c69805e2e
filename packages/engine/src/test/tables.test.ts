import { expect, it } from '@jest/globals';
import { fp32, fp32Values, zipMap } from '../testing';
import { output, request, startEngine } from './support';

it('an output that is a table by class is a tensor, and its classes are the labels of the model', async () => {
  const engine = await startEngine({ classes: { model: zipMap([7, 2, 5]) } });
  // A map has its keys in ascending order: the columns are those of 2, 5 and 7.
  expect(engine.resolve('classes')).toMatchObject({
    labels: ['2', '5', '7'],
    outputs: [{ name: 'scores', datatype: 'FP32' }],
  });
  const input = fp32([2, 3], [0.7, 0.2, 0.5, 7, 2, 5]);
  const { outputs } = await engine.infer(request('classes', { input }));
  const scores = output(outputs, 'scores');
  expect(scores.shape).toEqual([2, 3]);
  expect(fp32Values(scores).map((score) => Math.round(score * 10))).toEqual([2, 5, 7, 20, 50, 70]);
});
