import { createRequire } from 'node:module';
import type * as Koffi from 'koffi' with { 'resolution-mode': 'import' };

/** koffi, which calls functions of C libraries. */
export type Native = typeof Koffi;

/** An address in this process; 0n where C has NULL. */
export type Pointer = bigint;

/**
 * Stack of every C call, as a thread of Linux has it. koffi gives calls off the event loop 128 KiB by default, which ONNX Runtime
 * overruns with 30 nested Ifs: a segmentation fault. Pages count once they are touched.
 */
const stackBytes = 8 * 2 ** 20;

let loaded: Native | undefined;

/** Loads koffi on this thread. @throws Error where there is no prebuilt library for this platform */
export function loadNative(): Native {
  if (loaded === undefined) {
    // Required when asked for, and not imported: where koffi cannot be loaded, the engine serves without it.
    loaded = createRequire(__filename)('koffi') as Native;
    const { sync_stack_size: sync, async_stack_size: async } = loaded.config();
    // koffi refuses once a library was loaded, and several contexts of a process may share one koffi.
    if (sync !== stackBytes || async !== stackBytes) {
      loaded.config({ sync_stack_size: stackBytes, async_stack_size: stackBytes });
    }
  }
  return loaded;
}

/** Address of a view's first byte; 0n where it is empty. The view must stay reachable while C may use it. */
export function addressOf(view: ArrayBufferView): Pointer {
  return view.byteLength === 0 ? 0n : loadNative().address(view);
}
