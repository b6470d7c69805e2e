import { InferenceSession } from 'onnxruntime-node';

/** A session as the engine makes it: sequential, and no thread that burns its core while it waits. */
export function loadSession(file: string, threads: number): Promise<InferenceSession> {
  return InferenceSession.create(file, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
}
