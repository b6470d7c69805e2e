import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { nodeAddress, serviceSubnet } from '../paths';
import type { Binaries } from '../tools/binaries';
import { type Daemon, startDaemon } from '../tools/daemon';
import { run } from '../tools/run';

/** etcd, API server, controller manager and scheduler of a cluster that lives as long as a run. */
export interface ControlPlane {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly daemons: readonly Daemon[];
}

const apiPort = 6443;
const etcdUrl = 'http://127.0.0.1:2379';

/** Starts the control plane; resolves once the API server is ready. Everything it keeps lies in `folder`. */
export async function startControlPlane(
  binaries: Binaries,
  folder: string,
  signal: AbortSignal,
): Promise<ControlPlane> {
  await mkdir(folder, { recursive: true });
  const file = (name: string): string => join(folder, name);
  const start = (
    name: 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler',
    args: readonly string[],
  ): Daemon => startDaemon(folder, name, binaries[name], args);

  const token = await writeIdentities(folder);
  const etcd = start('etcd', [
    `--data-dir=${file('etcd')}`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    '--listen-peer-urls=http://127.0.0.1:2380',
    '--unsafe-no-fsync',
  ]);
  const api = start('kube-apiserver', [
    `--etcd-servers=${etcdUrl}`,
    `--secure-port=${apiPort}`,
    `--bind-address=${nodeAddress}`,
    `--advertise-address=${nodeAddress}`,
    `--cert-dir=${file('certificates')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${file('accounts.pub')}`,
    `--service-account-signing-key-file=${file('accounts.key')}`,
    `--token-auth-file=${file('tokens.csv')}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    `--service-cluster-ip-range=${serviceSubnet}`,
    '--kubelet-preferred-address-types=InternalIP',
    // The metrics server: the API server calls it with a certificate of the front proxy.
    '--enable-aggregator-routing=true',
    `--requestheader-client-ca-file=${file('proxy-ca.crt')}`,
    '--requestheader-allowed-names=front-proxy',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-username-headers=X-Remote-User',
    `--proxy-client-cert-file=${file('proxy.crt')}`,
    `--proxy-client-key-file=${file('proxy.key')}`,
  ]);
  await api.answers(() => isReady(token), signal);

  const kubeconfig = file('admin.kubeconfig');
  const certificate = await readFile(file('certificates/apiserver.crt'));
  await writeFile(kubeconfig, kubeconfigFor(certificate, token));
  const controllers = start('kube-controller-manager', [
    `--kubeconfig=${kubeconfig}`,
    `--service-account-private-key-file=${file('accounts.key')}`,
    `--root-ca-file=${file('certificates/apiserver.crt')}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    // What takes minutes elsewhere is to be seen in one.
    '--horizontal-pod-autoscaler-sync-period=5s',
    '--horizontal-pod-autoscaler-initial-readiness-delay=5s',
    '--horizontal-pod-autoscaler-cpu-initialization-period=10s',
  ]);
  const scheduler = start('kube-scheduler', [
    `--kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
  ]);
  return { kubeconfig, daemons: [scheduler, controllers, api, etcd] };
}

/** Keys of service accounts, the front proxy's certificate, the administrator's token. @returns the token */
async function writeIdentities(folder: string): Promise<string> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writeFile(join(folder, 'accounts.key'), privateKey, { mode: 0o600 });
  await writeFile(join(folder, 'accounts.pub'), publicKey);
  const openssl = (...args: string[]): Promise<string> => run('openssl', args, { cwd: folder });
  const newKey = ['-newkey', 'rsa:2048', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-days',
    '2',
    '-subj',
    '/CN=proxy-ca',
    '-keyout',
    'proxy-ca.key',
    '-out',
    'proxy-ca.crt',
  );
  await openssl('req', ...newKey, '-subj', '/CN=front-proxy', '-keyout', 'proxy.key', '-out', 'proxy.csr');
  const authority = ['-CA', 'proxy-ca.crt', '-CAkey', 'proxy-ca.key', '-CAcreateserial'];
  await openssl('x509', '-req', '-in', 'proxy.csr', ...authority, '-days', '2', '-out', 'proxy.crt');
  const token = randomBytes(16).toString('hex');
  await writeFile(join(folder, 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  return token;
}

function kubeconfigFor(certificate: Buffer, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'test',
        cluster: {
          server: `https://${nodeAddress}:${apiPort}`,
          'certificate-authority-data': certificate.toString('base64'),
        },
      },
    ],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  });
}

function isReady(token: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(
      // Its certificate is only being made: who answers here is ours.
      {
        host: nodeAddress,
        port: apiPort,
        path: '/readyz',
        headers: { authorization: `Bearer ${token}` },
        rejectUnauthorized: false,
      },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    asked.on('error', () => resolve(false));
    asked.end();
  });
}
