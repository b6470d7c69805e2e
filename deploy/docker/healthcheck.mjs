// healthcheck.mjs [PORT]: exit code 0 where the service of this container says SERVING for `readiness` (grpc.health.v1.Health/Check). The port is
// the argument's, else the one in the environment (the probe port before the other), else the flag of process 1, else the service's own.
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';

const ports = { router: 8001, image: 8011, nlp: 8021, recommendation: 8031, start: 8001 };
const { TRIBUTARY_PROBE_PORT, TRIBUTARY_GRPC_PORT, TRIBUTARY_TLS_CERT } = process.env;
const first = readFileSync('/proc/1/cmdline', 'utf8').split('\0');
const flag = /^--grpc-port=(\d+)$/m.exec(first.join('\n'))?.[1];
const { name } = JSON.parse(readFileSync(new URL('sbom.cdx.json', import.meta.url), 'utf8')).metadata.component;
const service = name.replace('tributary-', '');
const own = ports[service] ?? ports[first.find((word) => word in ports)];
const port = process.argv[2] ?? TRIBUTARY_PROBE_PORT ?? TRIBUTARY_GRPC_PORT ?? flag ?? own;

// The probe port speaks plainly whatever the other does.
const scheme = TRIBUTARY_TLS_CERT === undefined || TRIBUTARY_PROBE_PORT !== undefined ? 'http' : 'https';
// Only this container's own loopback is asked, so that the certificate's name says nothing.
const session = connect(`${scheme}://127.0.0.1:${port}`, { rejectUnauthorized: false });
session.on('error', () => process.exit(1));
const call = session.request({
  ':method': 'POST',
  ':path': '/grpc.health.v1.Health/Check',
  'content-type': 'application/grpc',
  te: 'trailers',
});
// A HealthCheckRequest in its frame: not compressed, 11 bytes, field 1 of 9 bytes. SERVING is a frame of the 2 bytes "field 1, varint 1".
call.end(Buffer.concat([Buffer.from([0, 0, 0, 0, 11, 0x0a, 9]), Buffer.from('readiness')]));
const chunks = [];
call.on('error', () => process.exit(1));
call.on('data', (chunk) => chunks.push(chunk));
call.on('end', () => process.exit(Buffer.concat(chunks).toString('hex') === '00000000020801' ? 0 : 1));
