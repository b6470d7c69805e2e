import { createEngine } from '../create-engine';
import type { Engine, InferRequest } from '../engine';
import { refusal, TributaryError } from '@tributary/contract';
import { fp32, tensor } from '../testing';

/** Lets a model run for ever by onnxruntime-node's binding, which cannot stop it, tells what its callers get, and ends itself the only way there is. */

function print(line: object): void {
  console.log(JSON.stringify(line));
}

function outcome(engine: Engine, request: Omit<InferRequest, 'signal'>, signal: AbortSignal): Promise<string> {
  return engine.infer({ ...request, signal }).then(
    () => 'answered',
    (error: unknown) => (error instanceof TributaryError ? error.reason : String(error)),
  );
}

async function main(repository: string): Promise<void> {
  const never = new AbortController().signal;
  const deadline = new AbortController();
  const inputs = (forever: 0 | 1): InferRequest['inputs'] =>
    new Map([
      ['input', fp32([4], [1, 2, 3, 4])],
      ['forever', tensor('BOOL', [], Uint8Array.of(forever))],
    ]);
  let reportStuck: (model: string) => void = () => undefined;
  const stuck = new Promise<string>((resolve) => {
    reportStuck = resolve;
  });
  const engine = await createEngine({
    repository,
    cpuBudget: 2,
    runTimeoutMs: 300,
    isolation: 'binding',
    onStuck: reportStuck,
  });
  print({ ending: await outcome(engine, { model: 'endless', inputs: inputs(0) }, never) });
  const late = outcome(engine, { model: 'endless', inputs: inputs(1) }, deadline.signal);
  setTimeout(() => deadline.abort(refusal('DEADLINE_EXCEEDED', {})), 50);
  print({ late: await late });
  print({ stuck: await stuck });
  print({ model: engine.resolve('net').state, endless: engine.models()[0]!.state, reason: engine.models()[0]!.reason });
  print({ next: await outcome(engine, { model: 'endless', inputs: inputs(0) }, never) });
  print({
    other: await outcome(
      engine,
      { model: 'net', inputs: new Map([['input', fp32([1, 64], new Array<number>(64).fill(1))]]) },
      never,
    ),
  });
  await engine.close();
  print({ closed: true });
  process.kill(process.pid, 'SIGKILL');
}

void main(process.argv[2]!);
