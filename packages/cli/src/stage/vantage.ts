import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createDeferred, type Deferred } from '../deferred';
import type { ShownRoutes } from '../render-routes';
import type { NetworkHost } from './network';
import type { LoadPlan, LoadReport } from './paced-load';

type Request =
  | { readonly kind: 'get'; readonly url: string }
  | { readonly kind: 'post'; readonly url: string; readonly body: string }
  | { readonly kind: 'routes'; readonly address: string }
  | { readonly kind: 'load'; readonly plan: LoadPlan }
  | { readonly kind: 'stop' };

/** What a vantage process is told. */
export type ToVantage = Request & { readonly id: number };

/** What it tells. */
export type FromVantage =
  | { readonly kind: 'report'; readonly report: LoadReport }
  | { readonly kind: 'done'; readonly id: number; readonly result?: unknown; readonly error?: string };

/** Calls that go on until they are stopped. */
export interface Load {
  /** The latest figures; undefined before the first. */
  report(): LoadReport | undefined;
  /** Resolves with the first report for which `wanted` is true. */
  until(wanted: (report: LoadReport) => boolean): Promise<LoadReport>;
  /** Lets the calls under way end. */
  stop(): Promise<LoadReport>;
}

/** A process on a host of the network: what there is to be seen from that host. */
export interface Vantage {
  /** What the router at an address knows. @throws Error where it does not answer */
  routes(address: string): Promise<ShownRoutes>;
  /** The body that the URL answers. @throws Error where nothing does */
  get(url: string): Promise<string>;
  /** The body that is answered to a POST. @throws Error where nothing answers */
  post(url: string, body: string): Promise<string>;
  /** Calls with the client of this project; one load at a time. */
  startLoad(plan: LoadPlan): Promise<Load>;
  /** Ends the process. */
  close(): Promise<void>;
}

/** Starts one on `host`; it ends with this process at the latest. */
export function startVantage(host: NetworkHost): Vantage {
  const command = [...host.prefix, process.execPath, join(__dirname, 'vantage-process.js')];
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
  const ended = once(child, 'exit');
  const asked = new Map<number, Deferred<unknown>>();
  const watchers = new Set<(report: LoadReport) => void>();
  let report: LoadReport | undefined;
  let lastId = 0;

  child.on('message', (message: FromVantage) => {
    if (message.kind === 'report') {
      tell(message.report);
      return;
    }
    const { id, error, result } = message;
    if (error === undefined) asked.get(id)?.resolve(result);
    else asked.get(id)?.reject(new Error(error));
    asked.delete(id);
  });
  void ended.then(() => {
    for (const { reject } of asked.values()) reject(new Error(`the process on ${host.name} has ended`));
  });

  function tell(latest: LoadReport): void {
    report = latest;
    for (const watcher of watchers) watcher(latest);
  }

  function ask<T>(request: Request): Promise<T> {
    const id = (lastId += 1);
    const deferred = createDeferred<unknown>();
    asked.set(id, deferred);
    child.send({ ...request, id } satisfies ToVantage);
    return deferred.promise as Promise<T>;
  }

  return {
    routes: (address) => ask({ kind: 'routes', address }),
    get: (url) => ask({ kind: 'get', url }),
    post: (url, body) => ask({ kind: 'post', url, body }),
    startLoad: async (plan) => {
      report = undefined;
      await ask({ kind: 'load', plan });
      return {
        report: () => report,
        until: (wanted) =>
          new Promise((resolve) => {
            const watcher = (latest: LoadReport): void => {
              if (!wanted(latest)) return;
              watchers.delete(watcher);
              resolve(latest);
            };
            watchers.add(watcher);
          }),
        stop: async () => {
          const last = await ask<LoadReport>({ kind: 'stop' });
          tell(last);
          return last;
        },
      };
    },
    close: async () => {
      child.disconnect();
      await ended;
    },
  };
}
