import type * as Ort from 'onnxruntime-node';
import type * as OrtBinding from 'onnxruntime-node/dist/binding';
import type { Binding } from 'onnxruntime-node/dist/binding';
import type { TensorSpec } from '../engine';
import type { PackedTensor } from '../tensors/pack-batch';
import { disableOrtTelemetry } from './ort-environment';
import { sessionOptions, toPacked, toTensor } from './session';

/**
 * ONNX Runtime's native session without the JavaScript around it, which puts every run off to the next turn of the event loop: a
 * run here is a call. Not a public part of the library, so its shape is looked at before it is trusted.
 */
interface NativeOrt {
  readonly Tensor: typeof Ort.Tensor;
  readonly Session: Binding.InferenceSessionConstructor;
}

let native: NativeOrt | undefined;

/** Requires the library, on this thread, when first asked. @throws Error where it is not as expected */
function nativeOrt(): NativeOrt {
  if (native !== undefined) return native;
  disableOrtTelemetry();
  /* eslint-disable @typescript-eslint/no-require-imports -- only where a plan asks for it, and after the line above */
  const { Tensor } = require('onnxruntime-node') as typeof Ort;
  const { binding, initOrt } = require('onnxruntime-node/dist/binding') as Partial<typeof OrtBinding>;
  /* eslint-enable @typescript-eslint/no-require-imports */
  const methods = binding?.InferenceSession.prototype as Partial<Binding.InferenceSession> | undefined;
  const isAsExpected =
    typeof initOrt === 'function' &&
    (['loadModel', 'run', 'dispose'] as const).every((name) => typeof methods?.[name] === 'function');
  if (!isAsExpected || binding === undefined) throw new Error('the native part of ONNX Runtime is not as expected');
  initOrt();
  native = { Tensor, Session: binding.InferenceSession };
  return native;
}

/** A session on the thread that made it, whose runs are calls. */
export class InlineSession {
  private readonly fetches: Record<string, null> = Object.create(null) as Record<string, null>;

  private constructor(
    private readonly ort: NativeOrt,
    private readonly session: Binding.InferenceSession,
    private readonly inputs: readonly TensorSpec[],
    private readonly outputs: readonly TensorSpec[],
  ) {
    for (const { name } of outputs) this.fetches[name] = null;
  }

  /**
   * @param inputs and outputs as a session lane read them from the same file
   * @throws Error where ONNX Runtime refuses the file or is not as expected
   */
  static load(path: string, inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]): InlineSession {
    const ort = nativeOrt();
    const session = new ort.Session();
    session.loadModel(path, sessionOptions(1, true));
    return new InlineSession(ort, session, inputs, outputs);
  }

  /** @param wanted positions of the wanted outputs; undefined: all */
  run(inputs: readonly (PackedTensor | undefined)[], wanted: readonly number[] | undefined): PackedTensor[] {
    // Names come from models: "constructor" must not find anything.
    const feeds = Object.create(null) as Record<string, Ort.Tensor>;
    for (let index = 0; index < inputs.length; index++) {
      const { name, datatype } = this.inputs[index]!;
      feeds[name] = toTensor(this.ort, datatype, inputs[index]!);
    }
    if (wanted === undefined) {
      const results = this.session.run(feeds, this.fetches, {});
      return this.outputs.map(({ name }) => toPacked(results[name] as Ort.Tensor));
    }
    const specs = wanted.map((position) => this.outputs[position]!);
    const fetches = Object.create(null) as Record<string, null>;
    for (const { name } of specs) fetches[name] = null;
    const results = this.session.run(feeds, fetches, {});
    return specs.map(({ name }) => toPacked(results[name] as Ort.Tensor));
  }

  release(): void {
    this.session.dispose();
  }
}
