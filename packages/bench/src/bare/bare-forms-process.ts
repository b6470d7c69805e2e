import { performance } from 'node:perf_hooks';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { spread } from '../measure/statistics';
import { answerParent } from '../process/child-program';
import type { BareForms, Form, FormFiles, JsonTensor } from './bare-forms';
import { loadSession } from './load-session';

interface LoadedForm {
  readonly session: InferenceSession;
  readonly feeds: Readonly<Record<string, Tensor>>;
}

const loaded = new Map<Form, LoadedForm>();

async function load({ float32, shipped, inputs }: FormFiles): Promise<Record<Form, Float32Array>> {
  return { float32: await loadForm('float32', float32, inputs), shipped: await loadForm('shipped', shipped, inputs) };
}

async function loadForm(form: Form, file: string, inputs: FormFiles['inputs']): Promise<Float32Array> {
  const session = await loadSession(file, 1);
  // The fp32 graph may take more inputs than the shipped one, which has the constant ones inside.
  const feeds = Object.fromEntries(session.inputNames.map((name) => [name, tensorOf(inputs[name])]));
  loaded.set(form, { session, feeds });
  const { data } = (await session.run(feeds))[session.outputNames[0]!]!;
  return Float32Array.from(data as Float32Array);
}

function tensorOf(tensor: JsonTensor | undefined): Tensor {
  if (tensor === undefined) throw new Error('inputs.json lacks an input of the graph');
  const { datatype, shape, data } = tensor;
  if (datatype === 'INT64') return new Tensor('int64', BigInt64Array.from(data, BigInt), shape);
  if (datatype === 'UINT8') return new Tensor('uint8', Uint8Array.from(data), shape);
  throw new Error(`the bench feeds no ${datatype} tensors`);
}

/** Turn by turn, so that whatever else the machine does meets both alike. */
async function time({ runs }: { readonly runs: number }): Promise<Record<Form, number>> {
  const milliseconds: Record<Form, number[]> = { float32: [], shipped: [] };
  for (let run = 0; run < runs; run++) {
    for (const [form, { session, feeds }] of loaded) {
      const startedAt = performance.now();
      await session.run(feeds);
      milliseconds[form].push(performance.now() - startedAt);
    }
  }
  return { float32: spread(milliseconds.float32).median, shipped: spread(milliseconds.shipped).median };
}

answerParent<BareForms>({ load, time });
