import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Whether Prometheus and its tool are here. */
export const hasPrometheus = ['prometheus', 'promtool'].every(
  (program) => spawnSync(program, ['--version']).status === 0,
);

/** A process to scrape. */
export interface Target {
  readonly job: string;
  /** host:port */
  readonly address: string;
}

/** A sample of an answer. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  /** NaN where Prometheus says so. */
  readonly value: number;
}

/** A real Prometheus that scrapes every second. */
export interface PrometheusServer {
  /** @throws Error with Prometheus's words where it does not take the expression */
  query(expr: string): Promise<readonly Sample[]>;
  close(): Promise<void>;
}

/** Starts Prometheus on a free port of loopback, with a file of rules that it evaluates every second. */
export async function startPrometheus(targets: readonly Target[], rules: string): Promise<PrometheusServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-prometheus-'));
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [rules],
    scrape_configs: targets.map(({ job, address }) => ({ job_name: job, static_configs: [{ targets: [address] }] })),
  };
  // What is JSON is YAML.
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const flags = { 'config.file': 'prometheus.yml', 'storage.tsdb.path': 'data', 'web.listen-address': address };
  const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const child = spawn('prometheus', args, { cwd: folder, stdio: 'ignore' });
  const exited = once(child, 'exit');
  const isReady = (): Promise<boolean> =>
    fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  // It says nowhere else that it is ready.
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error('Prometheus ended');
    await pause(50);
  }
  return {
    query: async (expr) => {
      const body = new URLSearchParams({ query: expr });
      const response = await fetch(`http://${address}/api/v1/query`, { method: 'POST', body });
      const answer = (await response.json()) as {
        readonly error?: string;
        readonly data?: { readonly result: readonly { metric: Record<string, string>; value: [number, string] }[] };
      };
      if (answer.data === undefined) throw new Error(`${expr}: ${answer.error}`);
      return answer.data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    close: async () => {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
