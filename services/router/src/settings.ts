import { parseTarget } from '@tributary/client';
import { rpcMethods } from '@tributary/contract';
import { checkServeSettings, defineSettings, serveSettingsShape, setting, type SettingsOf } from '@tributary/serve';

/** Keys of metadata that belong to one connection, or that the router writes itself. */
const reservedKeys =
  /^(grpc-.*|:.*|te|host|connection|content-type|content-length|transfer-encoding|user-agent|x-request-id|x-tributary-caller)$/;

/** Settings of the router. */
export const routerSettings = defineSettings({
  name: 'router',
  summary: 'Passes calls on to the services that have the model they name.',
  shape: {
    ...serveSettingsShape({ grpc: 8001, metrics: 8002 }),
    upstreams: setting.list({
      default: '127.0.0.1:8011,127.0.0.1:8021,127.0.0.1:8031',
      doc: 'Where the services are: host:port, [ipv6]:port or dns:///host:port. Behind a name, every address is an upstream.',
    }),
    resolveIntervalMs: setting.duration(
      { min: 100, max: 3_600_000 },
      {
        default: '5s',
        doc: 'Pause between two resolutions of a name among the upstreams: how soon new replicas are found.',
      },
    ),
    subsetSize: setting.integer(
      { min: 0, max: 100_000 },
      {
        default: '0',
        doc: 'How many upstreams behind a name this router follows at least, and how many routers follow an upstream at least; 0: everybody follows all. For more than a few hundred upstreams, see docs/scaling.md. Needs routers.',
      },
    ),
    routers: setting.list({
      default: '',
      doc: 'Where all routers are, this one included: a name behind which their addresses are, with the gRPC port. Only subsetSize asks for it.',
    }),
    forwardMetadata: setting.list({
      default: 'traceparent,tracestate',
      doc: 'Keys of request metadata that go to the services, beside x-request-id. Everything else stays at the router.',
    }),
    maxAnswerBytes: setting.byteSize(
      { min: 1024, max: 2 ** 31 - 1 },
      { default: '64MiB', doc: 'Largest answer of a service that is passed on.' },
    ),
    passThrough: setting.list({
      default: '',
      doc: 'Other gRPC services that are passed on, each service=kind, e.g. grpc.testing.TestService=image: all of its methods, of any shape, go unchanged to a ready replica of that kind of service. Their calls end after maxDeadlineMs at the latest, streams too.',
    }),
    hop: setting.choice(['auto', 'plain'], {
      default: 'auto',
      doc: 'How calls go to the services. auto: small calls together over one stream (the relay), where the service has it. plain: each as a gRPC call of its own, for a mesh that is to see and balance every call.',
    }),
    upstreamCa: setting.text({
      default: undefined,
      doc: 'PEM file with the certificates that those of the services must come from. With it, the services are spoken to over TLS alone. Read again when it changes, as upstreamCert and upstreamKey are.',
    }),
    upstreamCert: setting.text({
      default: undefined,
      doc: 'PEM file with the certificate that the router shows to the services (mutual TLS). Needs upstreamCa and upstreamKey.',
    }),
    upstreamKey: setting.text({ default: undefined, doc: 'PEM file with the key of upstreamCert.' }),
    upstreamServerName: setting.text({
      default: undefined,
      doc: 'Name that the certificates of all services must have. By default each must have the name, or the address, that upstreams gives it.',
    }),
    upstreamTokenFile: setting.text({
      default: undefined,
      doc: 'File that holds the bearer token by which the services know the router. Read again when it changes. Tokens of callers never go there.',
    }),
    keepaliveTimeMs: setting.duration(
      { min: 100, max: 3_600_000 },
      {
        default: '10s',
        doc: 'How long an upstream may be silent before it is asked for a sign of life. With keepaliveTimeout: how soon a frozen one is left.',
      },
    ),
    keepaliveTimeoutMs: setting.duration(
      { min: 100, max: 3_600_000 },
      { default: '5s', doc: 'How long that sign may take before the connection counts as lost.' },
    ),
  },
  check: (settings) => [
    ...checkServeSettings(settings),
    ...settings.upstreams.flatMap((target) => targetProblem('upstreams', target)),
    ...settings.routers.flatMap((target) => targetProblem('routers', target)),
    ...(settings.subsetSize > 0 && settings.routers.length === 0 ? ['subsetSize needs routers beside it'] : []),
    ...(settings.upstreams.length === 0 ? ['upstreams is empty; expected at least one host:port'] : []),
    ...settings.forwardMetadata.flatMap(keyProblem),
    ...settings.passThrough.flatMap(passThroughProblem),
    ...upstreamTlsProblems(settings),
    ...(settings.secure ? openUpstreams(settings) : []),
  ],
});

/** What the router obeys. */
export type RouterSettings = SettingsOf<typeof routerSettings.shape>;

/** What `secure` finds missing towards the services. */
function openUpstreams(
  settings: Readonly<Partial<Record<'upstreamCa' | 'upstreamCert' | 'upstreamTokenFile', string | undefined>>>,
): string[] {
  const { upstreamCa, upstreamCert, upstreamTokenFile } = settings;
  return [
    ...(upstreamCa === undefined ? ['secure needs --upstream-ca: calls go to the services in the clear'] : []),
    ...((upstreamCert ?? upstreamTokenFile) === undefined
      ? ['secure needs --upstream-cert or --upstream-token-file: the services cannot know the router']
      : []),
  ];
}

function upstreamTlsProblems(
  settings: Readonly<
    Partial<Record<'upstreamCa' | 'upstreamCert' | 'upstreamKey' | 'upstreamServerName', string | undefined>>
  >,
): string[] {
  const needs = [
    ['upstreamCert', 'upstreamCa'],
    ['upstreamServerName', 'upstreamCa'],
    ['upstreamCert', 'upstreamKey'],
    ['upstreamKey', 'upstreamCert'],
  ] as const;
  return needs
    .filter(([given, needed]) => settings[given] !== undefined && settings[needed] === undefined)
    .map(([given, needed]) => `${given} needs ${needed} beside it`);
}

function targetProblem(setting: string, target: string): string[] {
  try {
    parseTarget(target);
    return [];
  } catch (error) {
    return [`${setting}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** The two sides of an entry of `passThrough`. */
export function parsePassThrough(entry: string): { readonly service: string; readonly kind: string } {
  const [service = '', kind = ''] = entry.split('=');
  return { service, kind };
}

function passThroughProblem(entry: string, index: number, entries: readonly string[]): string[] {
  if (!/^\w+(\.\w+)*=[\w.-]+$/.test(entry)) return [`passThrough: '${entry}' is no service=kind`];
  const { service } = parsePassThrough(entry);
  if (entries.findIndex((other) => parsePassThrough(other).service === service) < index) {
    return [`passThrough: ${service} is there twice`];
  }
  return knownServices.has(service) ? [`passThrough: the router itself has ${service}`] : [];
}

const knownServices = new Set([...rpcMethods.values()].map(({ service }) => service));

function keyProblem(key: string): string[] {
  if (!/^[0-9a-z_.-]+$/.test(key)) return [`forwardMetadata: '${key}' is no metadata key; expected lower-case letters`];
  if (key === 'authorization') return ['forwardMetadata: tokens of callers are never passed on; see upstreamTokenFile'];
  return reservedKeys.test(key) ? [`forwardMetadata: '${key}' belongs to the connection and is never passed on`] : [];
}
