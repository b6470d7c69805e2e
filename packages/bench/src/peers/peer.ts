import { join } from 'node:path';

export type PeerName = 'mlserver' | 'pytriton' | 'fastapi';

/** A server of others that is measured on the same work. */
export interface Peer {
  readonly name: PeerName;
  readonly title: string;
  /** Python programs that can run it, best first. */
  readonly pythons: readonly string[];
  readonly protocol: 'grpc' | 'http1';
}

const debianPython = '/usr/bin/python3';

export const peers: Readonly<Record<PeerName, Peer>> = {
  mlserver: {
    name: 'mlserver',
    title: 'MLServer 1.7.1',
    pythons: [debianPython, 'python3'],
    protocol: 'grpc',
  },
  pytriton: {
    name: 'pytriton',
    title: 'nvidia-pytriton 0.7.0',
    // Its stub of the Python backend is linked against the system's library: other builds do not start.
    pythons: [debianPython],
    protocol: 'grpc',
  },
  fastapi: {
    name: 'fastapi',
    title: 'FastAPI 0.165 + uvicorn 0.54',
    pythons: [debianPython, 'python3'],
    protocol: 'http1',
  },
};

/** Folder of the peers' programs and of their pinned packages. @param root the checkout */
export function peerFolder(root: string): string {
  return join(root, 'packages/bench/peers');
}
