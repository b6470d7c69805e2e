import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Load, LoadPlan, LoadReport, NetworkHost } from '@tributary/cli';
import { recommendedServiceConfig } from '@tributary/client';
import { root } from '../support/paths';

/** A Python that has gRPC; undefined where there is none. */
export function findPython(): string | undefined {
  const kept = join(process.env.CI_TOOLS ?? join(homedir(), '.cache/tributary-ci'), 'venv/bin/python');
  const python = process.env.FOREIGN_PYTHON ?? (existsSync(kept) ? kept : 'python3');
  return spawnSync(python, ['-c', 'import grpc']).status === 0 ? python : undefined;
}

/** A load by gRPC for Python on `host`; it ends with this process at the latest. */
export function startForeignLoad(python: string, host: NetworkHost, { target, ...plan }: LoadPlan): Load {
  const script = join(root, 'test/foreign/load.py');
  const command = [...host.prefix, python, script, target, recommendedServiceConfig, JSON.stringify(plan)];
  const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const watchers = new Set<(report: LoadReport) => void>();
  let last: LoadReport | undefined;
  createInterface(child.stdout).on('line', (line) => {
    last = JSON.parse(line) as LoadReport;
    for (const watcher of watchers) watcher(last);
  });
  return {
    report: () => last,
    until: (wanted) =>
      new Promise((resolve) => {
        const watcher = (report: LoadReport): void => {
          if (!wanted(report)) return;
          watchers.delete(watcher);
          resolve(report);
        };
        watchers.add(watcher);
      }),
    stop: async () => {
      child.stdin.end();
      await ended;
      if (last === undefined) throw new Error('the load in Python ended without a figure');
      return last;
    },
  };
}
