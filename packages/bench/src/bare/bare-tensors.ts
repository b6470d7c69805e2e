import { Tensor } from 'onnxruntime-node';
import type { BareCall } from './bare-call';
import type { BareTensors } from './bare-plan';
import { loadSession } from './load-session';

/** Loads a model to be run on tensors: nothing but `session.run`. A message's tensor is made once and kept, which costs the run nothing. */
export async function loadBareTensors(model: BareTensors, threads: number): Promise<BareCall> {
  const session = await loadSession(model.file, threads);
  const [input, output] = [session.inputNames[0], session.outputNames[0]];
  if (input === undefined || output === undefined) throw new Error(`${model.file} has no input or no output`);
  const tensors = new WeakMap<Uint8Array, Tensor>();
  return async (message) => {
    let tensor = tensors.get(message);
    if (tensor === undefined) tensors.set(message, (tensor = tensorOf(model, message)));
    const { data } = (await session.run({ [input]: tensor }))[output]!;
    const floats = data as Float32Array;
    return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
  };
}

function tensorOf({ datatype, shape }: BareTensors, message: Uint8Array): Tensor {
  // A typed array of its own: the message may begin anywhere in its buffer.
  const { buffer } = Uint8Array.from(message);
  return datatype === 'FP32'
    ? new Tensor('float32', new Float32Array(buffer), shape)
    : new Tensor('int64', new BigInt64Array(buffer), shape);
}
