import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { faultOf } from '../load/answer-check';
import { frameMessage } from '../load/frame';
import { callOnce } from '../load/grpc-connection';
import { measureTimes, type TimedWork } from '../measure/figures';
import { measurementsOf } from '../measure/turns';
import { launchService } from '../servers/service';
import { encoderShape, makeEncoderWorkload } from '../workloads/encoder-workload';
import { modelInferPath, type TensorWorkload } from '../workloads/tensor-workload';
import { atMost, type Bench, type Key } from './key';

const pollMs = 5;
/** A start takes a second or two. */
const giveUpMs = 60_000;

/** How long a replica takes to be of use, beside what Node and ONNX Runtime need anyway. */
export const startReadyOverBare: Key = {
  name: 'start.ready_over_bare',
  meaning:
    'service with one encoder of 90 MB, from its start to the first right answer / node, session and one run alone',
  target: atMost(2),
  steps: ({ rounds }) => measurementsOf(rounds),
  async measure(bench) {
    const workload = await makeEncoderWorkload(bench, {});
    return measureTimes(serviceStart(bench, workload), await bareStart(bench, workload), bench.rounds, bench.onTimed);
  },
};

function serviceStart(bench: Bench, { repository, requests }: TensorWorkload): TimedWork {
  const { message, check } = requests[0]!;
  return {
    name: 'service',
    async milliseconds() {
      const startedAt = performance.now();
      const flags = [`--repository=${repository}`];
      const service = await launchService(bench.group, { ...bench, folder: 'recommendation', flags });
      try {
        for (;;) {
          const answer = await callOnce(service.port, modelInferPath, frameMessage(message)).catch(() => undefined);
          const elapsedMs = performance.now() - startedAt;
          const fault = answer === undefined ? 'no answer' : faultOf(answer, check);
          if (fault === undefined) return elapsedMs;
          if (answer !== undefined || elapsedMs > giveUpMs) throw new Error(`the service's first answer: ${fault}`);
          await new Promise((resolve) => setTimeout(resolve, pollMs));
        }
      } finally {
        await service.end();
      }
    },
  };
}

async function bareStart(bench: Bench, { file, bareRequests }: TensorWorkload): Promise<TimedWork> {
  const { message, check } = bareRequests[0]!;
  const inputFile = join(bench.scratch, 'input.bin');
  await writeFile(inputFile, message);
  const program = join(__dirname, '../bare/bare-start-process.js');
  return {
    name: 'bare start',
    async milliseconds() {
      const startedAt = performance.now();
      const child = spawn(process.execPath, [program, file, inputFile, encoderShape.join(',')], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
      });
      bench.group.add('bare start', child);
      const ended = once(child, 'close');
      const chunks: Buffer[] = [];
      let lastByteMs = Number.NaN;
      child.stdout.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        lastByteMs = performance.now() - startedAt;
      });
      await ended;
      const fault = faultOf(Buffer.concat(chunks), check);
      if (fault !== undefined) throw new Error(`the bare start's answer: ${fault}`);
      return lastByteMs;
    },
  };
}
