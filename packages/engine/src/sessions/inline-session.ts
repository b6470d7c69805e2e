import { datatypeInfo } from '@tributary/contract';
import type { TensorSpec } from '../engine';
import type { PackedTensor } from '../tensors/pack-batch';
import { elementTypeNumber } from './ort/element-types';
import { addressOf } from './ort/native';
import { check, ort, type OrtApi } from './ort/ort-library';
import { OrtSessionLoad, type OrtSession } from './ort/ort-session';
import { readTensor, tensorOver } from './ort/ort-values';

/** Most dimensions of a tensor on the event loop. */
const maxRank = 32;

/** Stands in where there are no bytes: the address of an empty view is NULL. */
const nothing = new Uint8Array(8);

/** A session in this process whose runs are calls: they are over when `run` returns, and nothing can stop them. */
export class InlineSession {
  private readonly inputValues: BigUint64Array;
  private readonly outputValues: BigUint64Array;
  private readonly types: readonly number[];
  /** Where the sizes of an input are laid down for the library. */
  private readonly dimensions = new BigInt64Array(maxRank);
  private readonly api: OrtApi = ort().api;

  private constructor(
    private readonly session: OrtSession,
    inputs: readonly TensorSpec[],
    outputs: readonly TensorSpec[],
  ) {
    this.types = inputs.map(({ datatype }) => elementTypeNumber(datatypeInfo(datatype).onnxType));
    this.inputValues = new BigUint64Array(Math.max(1, inputs.length));
    this.outputValues = new BigUint64Array(Math.max(1, outputs.length));
  }

  /**
   * Makes a session of a file that a host has loaded and tried.
   * @param inputs and outputs as the host told them
   * @throws Error where koffi or the library cannot be loaded; OrtError
   */
  static async load(
    path: string,
    inputs: readonly TensorSpec[],
    outputs: readonly TensorSpec[],
  ): Promise<InlineSession> {
    const session = await new OrtSessionLoad(path, { intraOpThreads: 1, prepacks: true, sharesArena: false }).run();
    return new InlineSession(session, inputs, outputs);
  }

  /**
   * @param wanted positions of the wanted outputs; undefined: all
   * @throws OrtError
   */
  run(inputs: readonly (PackedTensor | undefined)[], wanted: readonly number[] | undefined): PackedTensor[] {
    const { api, inputValues, outputValues, session } = this;
    const outputNames =
      wanted === undefined
        ? session.outputNames.addresses
        : BigUint64Array.from(wanted, (position) => session.outputNames.addresses[position]!);
    inputValues.fill(0n);
    outputValues.fill(0n);
    try {
      for (let index = 0; index < inputs.length; index++) inputValues[index] = this.valueOver(index, inputs[index]!);
      const { addresses: inputNames } = session.inputNames;
      check(
        api.Run(
          session.address,
          null,
          inputNames,
          inputValues,
          inputs.length,
          outputNames,
          outputNames.length,
          outputValues,
        ),
      );
      return Array.from({ length: outputNames.length }, (_, index) => copyOut(outputValues[index]!));
    } finally {
      for (const value of inputValues) if (value !== 0n) api.ReleaseValue(value);
      for (const value of outputValues) if (value !== 0n) api.ReleaseValue(value);
    }
  }

  async release(): Promise<void> {
    await this.session.release();
  }

  private valueOver(index: number, { shape, bytes }: PackedTensor): bigint {
    for (let dimension = 0; dimension < shape.length; dimension++)
      this.dimensions[dimension] = BigInt(shape[dimension]!);
    return tensorOver(
      this.types[index]!,
      addressOf(this.dimensions),
      shape.length,
      addressOf(bytes.length === 0 ? nothing : bytes),
      bytes.length,
    );
  }
}

function copyOut(value: bigint): PackedTensor {
  const { shape, byteLength, source } = readTensor(value);
  const bytes = new Uint8Array(byteLength);
  if (byteLength > 0 && typeof source === 'bigint') ort().memcpy(bytes, source, byteLength);
  return { shape, bytes };
}
