import { readFileSync } from 'node:fs';
import { loadBareTensors } from './bare-tensors';

// The least that a Node program needs to its first answer: start, load the model, run it once. Paths come as arguments.
async function main(): Promise<void> {
  const [file, inputFile, shape] = process.argv.slice(2) as [string, string, string];
  const model = { kind: 'tensors', file, datatype: 'INT64', shape: shape.split(',').map(Number) } as const;
  const call = await loadBareTensors(model, 1);
  const answer = await call(readFileSync(inputFile));
  process.stdout.write(answer, () => process.exit(0));
}

void main();
