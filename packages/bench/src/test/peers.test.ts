import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { installPeer } from '../peers/install-peer';
import { peers } from '../peers/peer';
import { startPeer } from '../peers/start-peer';
import { ProcessGroup } from '../process/process-group';
import { Progress } from '../progress';

const root = resolve(__dirname, '../../../..');
const folder = mkdtempSync(join(tmpdir(), 'tributary-peers-'));
const group = new ProcessGroup();
const progress = new Progress({ write: () => undefined });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a peer', () => {
  it('that cannot be installed says so in one line and leaves nothing that looks installed', async () => {
    process.env.XDG_CACHE_HOME = folder;
    const peer = { ...peers.mlserver, pythons: ['/nowhere/python3'] };
    await expect(installPeer(group, peer, root, progress)).rejects.toThrow(
      /^MLServer 1\.7\.1 could not be installed: no Python with venv among \/nowhere\/python3$/,
    );
    expect(readdirSync(join(folder, 'tributary-bench/peers'))).toEqual([]);
  });

  it('that ends at once says its last line', async () => {
    const plan = {
      ...{ peer: peers.fastapi, root, scratch: folder },
      // Node cannot read Python, and says so.
      python: process.execPath,
      model: { name: 'mlp', file: 'model.onnx' },
      settings: { workers: 1, threads: 1, maxBatchSize: 1 },
      load: { path: '/infer', requests: [], connections: 1, mode: { kind: 'closed', inFlightPerConnection: 1 } },
    } as const;
    await expect(startPeer(group, plan)).rejects.toThrow(
      /^FastAPI 0\.165 \+ uvicorn 0\.54 did not start: Node\.js v[0-9.]+$/,
    );
    expect(group.running()).toEqual([]);
  });

  it('has every package of its environment pinned', () => {
    for (const { name } of Object.values(peers)) {
      const lines = readFileSync(join(root, `packages/bench/peers/${name}.txt`), 'utf8')
        .trim()
        .split('\n');
      expect(lines.filter((line) => !/^[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*$/.test(line))).toEqual([]);
    }
  });
});
