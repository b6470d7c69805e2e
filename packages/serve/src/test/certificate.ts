import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Makes a certificate for 127.0.0.1 that signs itself, and its key, as files of a folder. */
export function makeCertificate(folder: string, name = 'server'): { tlsCert: string; tlsKey: string } {
  const tlsCert = join(folder, `${name}.pem`);
  const tlsKey = join(folder, `${name}-key.pem`);
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...curve, '-days', '2', ...subject, '-keyout', tlsKey, '-out', tlsCert], {
    stdio: 'pipe',
  });
  return { tlsCert, tlsKey };
}
