import { afterAll, beforeAll } from '@jest/globals';
import { startSystem, type ProcessName, type System, type SystemOptions } from '@tributary/cli';
import { createClient, type Client } from '@tributary/client';
import { models, root } from './paths';

export { models, root };
export const services = ['image', 'nlp', 'recommendation'] as const;

/** The four real processes on free ports, with a client for each; shared by the tests of a file. */
export interface TestSystem extends System {
  client(process: ProcessName): Client;
}

/** Starts the system before the tests of a file and stops it after them. Use what it returns inside tests only. */
export function useSystem(options: Partial<SystemOptions> = {}): TestSystem {
  let system: System;
  const clients = new Map<ProcessName, Client>();
  beforeAll(async () => {
    system = await startSystem({ root, models, freePorts: true, env: { ...process.env, NO_COLOR: '1' }, ...options });
    for (const name of ['router', ...services] as const) clients.set(name, createClient(system.address(name)));
    await clients.get('router')!.waitUntilReady();
  });
  afterAll(async () => {
    for (const client of clients.values()) client.close();
    await system.stop();
  });
  return {
    get processes() {
      return system.processes;
    },
    address: (name) => system.address(name),
    ports: (name) => system.ports(name),
    stop: () => system.stop(),
    client: (name) => clients.get(name)!,
  };
}
