import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { nodeOutsideAddress, outsideNamespace, root } from './paths';
import { namespace, type DeployedSystem } from './system';
import { run } from './tools/run';

/** Every way from outside by which a caller gets an answer of every service. @throws Error naming the way that is none */
export async function reachFromOutside(system: DeployedSystem): Promise<readonly string[]> {
  const nodePort = `${nodeOutsideAddress}:30801`;
  await run('nsenter', [`--net=/run/netns/${outsideNamespace}`, process.execPath, prove, nodePort]);
  const service = JSON.parse(await system.run('get', 'service', 'router', '-o', 'json')) as {
    spec: { clusterIP: string };
  };
  await run(process.execPath, [prove, `${service.spec.clusterIP}:8001`]);
  const { child, address } = await forward(system);
  try {
    await run(process.execPath, [prove, address]);
  } finally {
    child.kill();
  }
  return ['the NodePort from another network', 'the ClusterIP from the node', 'kubectl port-forward'];
}

/** The program that calls every example of the models and compares. */
const prove = join(root, 'test/cluster/dist/prove.js');

async function forward(system: DeployedSystem): Promise<{ child: ChildProcess; address: string }> {
  const { program, kubeconfig } = system.cluster.kubectl;
  const child = spawn(
    program,
    [`--kubeconfig=${kubeconfig}`, '-n', namespace, 'port-forward', 'service/router', ':8001'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  for await (const line of createInterface({ input: child.stdout })) {
    const address = /Forwarding from (127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (address !== undefined) return { child, address };
  }
  throw new Error('kubectl port-forward ended without a port');
}
