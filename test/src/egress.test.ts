import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { loadExamples, processNames, runExample } from '@tributary/cli';
import { models, services, useSystem } from './support/system';

const home = mkdtempSync(join(tmpdir(), 'tributary-home-'));
afterAll(() => rmSync(home, { recursive: true }));

interface Socket {
  readonly protocol: string;
  readonly remote: string;
}

/** Sockets of a process that have, or could have, somebody at the other end: address families and remote addresses in hex. */
function socketsOf(pid: number): Socket[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((protocol) =>
    readFileSync(`/proc/${pid}/net/${protocol}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => inodes.has(fields[9] ?? ''))
      .map((fields) => ({ protocol, remote: fields[2]?.split(':')[0] ?? '' })),
  );
}

/** 127.0.0.1, nothing yet (a listener), and both again in IPv6. */
const loopback = /^(0100007F|0{8}|0{32}|0{16}FFFF00000100007F|0{24}01000000)$/;

describe('case 61: a system that has answered every task', () => {
  const system = useSystem({ env: { ...process.env, HOME: home, XDG_CACHE_HOME: '', ORT_DISABLE_TELEMETRY: '' } });

  it('has written nothing into the home directory and talks to nobody outside', async () => {
    for (const example of loadExamples(models, services)) {
      expect((await runExample(system.client('router'), example)).faults).toEqual([]);
    }
    for (const name of processNames) {
      const sockets = socketsOf(system.processes.get(name)!.pid()!);
      expect(sockets.length).toBeGreaterThan(0);
      expect({
        name,
        strangers: sockets.filter(({ protocol, remote }) => protocol.startsWith('udp') || !loopback.test(remote)),
      }).toEqual({
        name,
        strangers: [],
      });
    }
    expect(readdirSync(home, { recursive: true })).toEqual([]);
  });
});
