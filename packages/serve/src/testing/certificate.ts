import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'pipe' });
}

/** Makes a certificate for an address that signs itself, and its key, as files of a folder. */
export function makeCertificate(
  folder: string,
  name = 'server',
  address = '127.0.0.1',
): { tlsCert: string; tlsKey: string } {
  const tlsCert = join(folder, `${name}.pem`);
  const tlsKey = join(folder, `${name}-key.pem`);
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=IP:${address}`];
  openssl('req', '-x509', ...curve, '-days', '2', ...subject, '-keyout', tlsKey, '-out', tlsCert);
  return { tlsCert, tlsKey };
}

/** A certificate and its key, as files. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** Whose certificates a test trusts. */
export interface Authority {
  /** File with its own certificate. */
  readonly ca: string;
  /**
   * Issues a certificate for 127.0.0.1 and `names`, under `CN=<name>`.
   * @param days until it ends; negative: it has ended
   */
  issue(name: string, options?: { readonly days?: number; readonly names?: readonly string[] }): Issued;
}

/** Makes an authority in a folder. */
export function makeAuthority(folder: string, authority = 'ca'): Authority {
  const ca = join(folder, `${authority}.pem`);
  const caKey = join(folder, `${authority}-key.pem`);
  openssl('req', '-x509', ...curve, '-days', '2', '-subj', `/CN=${authority}`, '-keyout', caKey, '-out', ca);
  return {
    ca,
    issue: (name, { days = 2, names = [] } = {}) => {
      const [cert, key, request] = ['pem', 'key.pem', 'csr'].map((end) =>
        join(folder, `${authority}-${name}.${end}`),
      ) as [string, string, string];
      const alternatives = ['IP:127.0.0.1', ...names].join(',');
      const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${alternatives}`];
      openssl('req', ...curve, ...subject, '-keyout', key, '-out', request);
      const signer = ['-CA', ca, '-CAkey', caKey, '-copy_extensions', 'copy'];
      openssl('x509', '-req', '-in', request, ...signer, '-days', String(days), '-out', cert);
      return { cert, key };
    },
  };
}
