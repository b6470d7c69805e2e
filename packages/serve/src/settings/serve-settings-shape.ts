import { longestDeadlineMs } from '../call/grpc-timeout';
import type { ServeSettings } from '../serve-settings';
import { formatBytes, formatDuration, byteSize, choice, duration, integer, port, text, toggle } from './setting';
import type { SettingsOf } from './define-settings';
import { tracesUrl, tracingProblems, tracingSettingsShape, type TracingSettings } from './tracing-settings';

const MiB = 2 ** 20;

/** The settings that every serving process has; spread it into the shape of a process. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the inferred type is what callers need
export function serveSettingsShape(ports: { readonly grpc: number; readonly metrics: number }) {
  return {
    host: text({
      default: '127.0.0.1',
      doc: 'Address to listen on. Loopback by default, since callers are known only where callers or keys for JWTs are configured; 0.0.0.0 (or ::) in a container.',
    }),
    grpcPort: port({ default: String(ports.grpc), doc: 'Port for gRPC; 0 takes any that is free.' }),
    metricsPort: port({
      default: String(ports.metrics),
      doc: 'Port for Prometheus (GET /metrics); 0 takes any that is free.',
    }),
    probePort: integer(
      { min: 0, max: 65_535 },
      {
        default: undefined,
        doc: 'Port that answers grpc.health.v1.Health and nothing else, without TLS, certificates or tokens: for the probes of Kubernetes, which have none. 0 takes any that is free. By default there is none, and probes go to grpcPort.',
      },
    ),
    tlsCert: text({
      default: undefined,
      doc: 'PEM file with the certificate of the server, and those between it and its root. With tlsKey: gRPC is served over TLS, and over nothing else. It is read again when it changes, and new connections get the new one; what is half-written or does not fit tlsKey changes nothing and is logged.',
    }),
    tlsKey: text({
      default: undefined,
      doc: 'PEM file with the key of tlsCert.',
    }),
    tlsClientCa: text({
      default: undefined,
      doc: 'PEM file with the certificates that those of callers must come from (mutual TLS): who shows none gets no connection. Needs tlsCert. Read again when it changes.',
    }),
    metricsTls: toggle({
      default: 'false',
      doc: 'The metrics are served over TLS too, with tlsCert, and to holders of a certificate alone where metricsClientCa or tlsClientCa is set.',
    }),
    metricsClientCa: text({
      default: undefined,
      doc: 'PEM file with the certificates that those of readers of the metrics must come from; by default tlsClientCa. Needs metricsTls. Read again when it changes.',
    }),
    callers: text({
      default: undefined,
      doc: 'File of the callers that are let in: a line each, of name, roles and the hash of its token or the name in its certificate (docs/security.md; npm run token makes lines). With it, or with keys for JWTs, every call but Health/Check needs a credential. Read again when it changes.',
    }),
    jwksFile: text({
      default: undefined,
      doc: 'JSON Web Key Set by which bearer tokens of an issuer are verified; asymmetric algorithms alone. Read again when it changes. Needs jwtAudience.',
    }),
    jwksUrl: text({
      default: undefined,
      doc: 'The same behind an https:// URL, asked for in the background; while it cannot be had, the keys that came last stay.',
    }),
    jwksRefreshMs: duration(
      { min: 1000, max: 86_400_000 },
      { default: '5m', doc: 'Pause between two questions to jwksUrl.' },
    ),
    jwtIssuer: text({ default: undefined, doc: 'What the claim iss of a token must be. By default any.' }),
    jwtAudience: text({ default: undefined, doc: 'What the claim aud of a token must hold.' }),
    jwtRolesClaim: text({
      default: 'roles',
      doc: 'Claim with the roles of a token: a list, or text with spaces between them, each as in the file of callers.',
    }),
    quotas: text({
      default: undefined,
      doc: 'JSON file with what a caller may use in a second, and at once (docs/security.md). Needs callers or keys. Read again when it changes; the counts begin anew then.',
    }),
    secure: toggle({
      default: 'false',
      doc: 'Start only where nothing is open that could be closed: TLS, callers that are known, metrics over TLS, a port for probes, and at the router the same towards the services. What is missing is listed.',
    }),
    maxMessageBytes: byteSize(
      { min: 1024, max: 1024 * MiB },
      {
        default: '8MiB',
        doc: 'Largest request message; larger ones are refused with RESOURCE_EXHAUSTED before they are read. Raise it here and at the router together.',
      },
    ),
    maxDeadlineMs: duration(
      { min: 1, max: longestDeadlineMs },
      { default: '60s', doc: 'Deadline of calls that have none or a later one.' },
    ),
    maxCallsInFlight: integer(
      { min: 1, max: 1_000_000 },
      {
        default: '1024',
        doc: 'Calls being worked on, waiting ones included; more are refused with RESOURCE_EXHAUSTED.',
      },
    ),
    maxBytesInFlight: byteSize(
      { min: 1024 },
      {
        default: '256MiB',
        doc: 'Bytes of requests arriving or being worked on; more are refused with RESOURCE_EXHAUSTED. While a message is put together it is held twice, so allow for twice as much memory. Answers that one connection has asked for and not read are bounded alike.',
      },
    ),
    drainTimeoutMs: duration(
      { min: 0, max: longestDeadlineMs },
      {
        default: '20s',
        doc: 'From SIGTERM until calls that are still open are cut off with UNAVAILABLE. In Kubernetes keep terminationGracePeriodSeconds 10 s above it.',
      },
    ),
    drainDelayMs: duration(
      { min: 0, max: longestDeadlineMs },
      {
        default: '0',
        doc: 'From NOT_SERVING to the end of listening: the time that balancers need to notice. 5s to 10s in Kubernetes.',
      },
    ),
    maxConnections: integer(
      { min: 1, max: 1_000_000 },
      { default: '16384', doc: 'Connections of the gRPC port at the same time; more are closed as they come.' },
    ),
    maxConnectionsPerPeer: integer(
      { min: 0, max: 1_000_000 },
      {
        default: '0',
        doc: 'Those that one IP address may have at the same time; more are closed as they come. 0: no bound but maxConnections, as it must be behind a proxy or load balancer, from which all connections come.',
      },
    ),
    maxConnectionIdleMs: duration(
      { min: 1000, max: longestDeadlineMs },
      { default: '5m', doc: 'Connections without a call are closed after it.' },
    ),
    maxConnectionAgeMs: duration(
      { min: 1000, max: longestDeadlineMs },
      {
        default: '10m',
        doc: 'Connections are closed after it, without losing a call: callers connect anew, perhaps to a replica that was not there before.',
      },
    ),
    hotDoor: choice(['on', 'off'], {
      default: 'on',
      doc: 'on: unary calls without compression are answered straight from their HTTP/2 streams, at two thirds of the cost. off: every call goes through grpc-js. Callers see no difference.',
    }),
    logLevel: choice(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], {
      default: 'info',
      doc: 'Least important lines that are logged. Calls that went well are logged at debug.',
    }),
    logFormat: choice(['auto', 'json', 'pretty'], {
      default: 'auto',
      doc: 'auto: pretty on a terminal, JSON otherwise.',
    }),
    ...tracingSettingsShape,
  };
}

/** The values of `serveSettingsShape`. */
export type ServingSettings = SettingsOf<ReturnType<typeof serveSettingsShape>>;

/** What is wrong with serve settings together; for `check` of a definition. */
export function checkServeSettings(settings: ServeSettings & Partial<TracingSettings>): string[] {
  const { maxMessageBytes, maxBytesInFlight, drainDelayMs, drainTimeoutMs } = settings;
  const problems: string[] = [];
  if (maxBytesInFlight < maxMessageBytes) {
    problems.push(
      `maxBytesInFlight (${formatBytes(maxBytesInFlight)}) must be at least maxMessageBytes (${formatBytes(maxMessageBytes)})`,
    );
  }
  if (drainDelayMs > drainTimeoutMs) {
    problems.push(
      `drainDelay (${formatDuration(drainDelayMs)}) must not exceed drainTimeout (${formatDuration(drainTimeoutMs)})`,
    );
  }
  if ((settings.tlsCert === undefined) !== (settings.tlsKey === undefined)) {
    const [given, missing] = settings.tlsCert === undefined ? ['tlsKey', 'tlsCert'] : ['tlsCert', 'tlsKey'];
    problems.push(`${given} needs ${missing} beside it`);
  }
  for (const needy of ['tlsClientCa', 'metricsTls'] as const) {
    const isSet = settings[needy] !== undefined && settings[needy] !== false;
    if (isSet && settings.tlsCert === undefined) problems.push(`${needy} needs tlsCert and tlsKey`);
  }
  if (settings.metricsClientCa !== undefined && settings.metricsTls !== true) {
    problems.push('metricsClientCa needs metricsTls');
  }
  const { jwksFile, jwksUrl, jwtAudience, callers, quotas } = settings;
  const hasKeys = jwksFile !== undefined || jwksUrl !== undefined;
  if (jwksFile !== undefined && jwksUrl !== undefined) problems.push('jwksFile and jwksUrl exclude each other');
  if (jwksUrl !== undefined && !isClosedUrl(jwksUrl)) problems.push('jwksUrl: expected an https:// URL');
  // Else a token for any other service of the issuer would be good here.
  if (hasKeys && jwtAudience === undefined) problems.push('jwksFile and jwksUrl need jwtAudience');
  if (quotas !== undefined && callers === undefined && !hasKeys)
    problems.push('quotas needs callers, jwksFile or jwksUrl');
  if (settings.secure === true) problems.push(...openDoors(settings));
  const ports = (['grpcPort', 'metricsPort', 'probePort'] as const).filter((name) => (settings[name] ?? 0) !== 0);
  for (const [index, name] of ports.entries()) {
    const other = ports.slice(0, index).find((earlier) => settings[earlier] === settings[name]);
    if (other !== undefined) problems.push(`${other} and ${name} are both ${settings[name]}`);
  }
  problems.push(...tracingProblems(settings));
  return problems;
}

/** What `secure` finds missing. */
function openDoors(settings: ServeSettings & Partial<TracingSettings>): string[] {
  const { tlsCert, tlsClientCa, metricsTls, metricsClientCa, probePort, callers, jwksFile, jwksUrl } = settings;
  const traces = tracesUrl(settings, process.env);
  const doors: readonly (readonly [isClosed: boolean, need: string])[] = [
    [tlsCert !== undefined, '--tls-cert and --tls-key: calls and tokens travel in the clear'],
    [(callers ?? jwksFile ?? jwksUrl) !== undefined, '--callers, --jwks-file or --jwks-url: everybody may call'],
    [metricsTls === true, '--metrics-tls: the metrics travel in the clear'],
    [(metricsClientCa ?? tlsClientCa) !== undefined, '--metrics-client-ca: everybody may read the metrics'],
    [probePort !== undefined, '--probe-port: probes have neither certificate nor token for --grpc-port'],
    [traces === undefined || isClosedUrl(traces), 'an https:// --traces-endpoint: traces travel in the clear'],
  ];
  return doors.filter(([isClosed]) => !isClosed).map(([, need]) => `secure needs ${need}`);
}

/** Whether nobody between reads or changes what goes there or comes from it; on this machine itself, nobody is between. */
function isClosedUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
}
