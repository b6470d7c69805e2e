import { getEventListeners, setMaxListeners } from 'node:events';
import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createEngine } from '../create-engine';
import { tensor } from '../testing';

/** Answers many large requests and tells what that left behind. */

const requestsBefore = 512;
const requestsBetween = 4096;
const concurrency = 32;
/** 602,112 bytes: a picture as ImageNet models take it. */
const shape = [1, 3, 224, 224];
const elements = 3 * 224 * 224;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function measure(): { memoryMb: number; bufferMb: number; files: number } {
  collectGarbage();
  const { rss, arrayBuffers } = process.memoryUsage();
  return { memoryMb: rss / 2 ** 20, bufferMb: arrayBuffers / 2 ** 20, files: readdirSync('/proc/self/fd').length };
}

async function main(repository: string): Promise<void> {
  const engine = await createEngine({ repository, cpuBudget: 2 });
  const { signal } = new AbortController();
  // Every request in flight listens to it.
  setMaxListeners(0, signal);
  let answered = 0;
  const client = async (share: number): Promise<void> => {
    for (let count = 0; count < share; count++) {
      // As from a socket: fresh bytes for every request.
      const input = tensor('FP32', shape, new Float32Array(elements).fill(count));
      const { outputs } = await engine.infer({ model: 'same', inputs: new Map([['input', input]]), signal });
      if (outputs.get('output')?.bytes.length === input.bytes.length) answered++;
    }
  };
  const ask = async (total: number): Promise<void> => {
    await Promise.all(Array.from({ length: concurrency }, () => client(total / concurrency)));
  };
  await ask(requestsBefore);
  const before = measure();
  await ask(requestsBetween);
  const after = measure();
  await engine.close();
  const listeners = getEventListeners(signal, 'abort').length;
  console.log(JSON.stringify({ answered, listeners, before, after }));
}

void main(process.argv[2]!);
