import type { TaskContext } from '@tributary/engine/task';
import { refusal } from '../refusals';
import type { SentenceEncoder } from './sentence-encoder';

/**
 * The encoders loaded on one task lane, by name and version. A head looks its encoder up when it is called, not when it is loaded,
 * so that it does not matter which of them is loaded first.
 */
export class Encoders {
  private readonly loaded = new Map<string, SentenceEncoder>();

  add(model: string, version: string, encoder: SentenceEncoder): void {
    this.loaded.set(key(model, version), encoder);
  }

  /** Forgets an encoder that was unloaded, unless another has taken its place meanwhile. */
  remove(model: string, version: string, encoder: SentenceEncoder): void {
    if (this.loaded.get(key(model, version)) === encoder) this.loaded.delete(key(model, version));
  }

  /** The version of `model` that a call gets now. Throws as Engine.resolve does, and MODEL_NOT_READY where it is no encoder. */
  get(model: string, context: TaskContext): SentenceEncoder {
    const { version } = context.modelInfo(model);
    const encoder = this.loaded.get(key(model, version));
    if (encoder === undefined) throw refusal('MODEL_NOT_READY', { model, version });
    return encoder;
  }
}

function key(model: string, version: string): string {
  return `${model}/${version}`;
}
