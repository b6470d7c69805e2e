// Calls every example that lies beside the models at `node prove.js <host:port>`; exit code 1 where an answer is wrong.
import { join } from 'node:path';
import { loadExamples, runExample } from '@tributary/cli';
import { createClient } from '@tributary/client';
import { root } from './paths';

async function main(address: string): Promise<void> {
  const client = createClient(address);
  await client.waitUntilReady(AbortSignal.timeout(60_000));
  for (const example of loadExamples(join(root, 'models'), ['image', 'nlp', 'recommendation'])) {
    const { faults } = await runExample(client, example);
    if (faults.length > 0) throw new Error(`${example.model} through ${address}: ${faults.join('; ')}`);
  }
  client.close();
}

main(process.argv[2]!).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
