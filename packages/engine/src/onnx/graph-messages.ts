import type { RowVerdict } from './row-proof';
import type { GraphFacts } from './scan-graph';

/** What the thread that reads graphs is asked. Each is answered once, in order. */
export type GraphRequest =
  | { readonly kind: 'inspect'; readonly handle: number; readonly path: string }
  | {
      readonly kind: 'prove';
      readonly handle: number;
      /** Where the graph is read again, if the thread is a new one. */
      readonly path: string;
      readonly signature: ReadonlyMap<string, readonly number[]>;
    }
  /** Not answered. */
  | { readonly kind: 'forget'; readonly handle: number };

/** What it answers. */
export type GraphReply =
  | { readonly kind: 'inspected'; readonly facts: GraphFacts; readonly verdict: RowVerdict }
  | { readonly kind: 'judged'; readonly verdict: RowVerdict }
  | {
      readonly kind: 'failed';
      /** Whether the file was read and is no ONNX model. */
      readonly isMalformed: boolean;
      readonly message: string;
      /** Code of the system's error, e.g. ENOENT; '' where there is none. */
      readonly code: string;
    };
