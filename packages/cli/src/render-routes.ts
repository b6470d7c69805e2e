import type { RpcResponse } from '@tributary/client';
import { tributary } from '@tributary/contract';
import { renderBytes, renderTable } from './table';

const { Hop, UpstreamState } = tributary.router.v1;

/** What a router knows, as `tributary routes` shows it: the shape of `--json`. */
export interface ShownRoutes {
  readonly models: readonly {
    readonly name: string;
    readonly version: string;
    /** Addresses of those that have it ready. */
    readonly upstreams: readonly string[];
    /** RPCs that it answers beside Open Inference, as `service/method`. */
    readonly methods: readonly string[];
    /** Those of them whose default it is. */
    readonly defaultOf: readonly string[];
    /** `CONFLICT` where calls for it are refused; else empty. */
    readonly refused: string;
  }[];
  readonly upstreams: readonly {
    readonly address: string;
    readonly service: string;
    readonly state: string;
    readonly hop: 'relay' | 'plain' | 'none';
    readonly plainReason: string;
    readonly outstanding: number;
    readonly calls: number;
    readonly retries: number;
    readonly relayedCalls: number;
    readonly relayMessages: number;
    readonly sentBytes: number;
    readonly receivedBytes: number;
  }[];
}

/** Plain values out of the message. */
export function toShownRoutes({
  routes,
  upstreams,
}: RpcResponse<'tributary.router.v1.RouterService/ListRoutes'>): ShownRoutes {
  return {
    models: routes.map((route) => ({
      name: route.modelName,
      version: route.modelVersion,
      upstreams: [...route.upstreams],
      methods: [...route.methods],
      defaultOf: [...route.defaultOf],
      refused: route.refused,
    })),
    upstreams: upstreams.map((upstream) => ({
      address: upstream.address,
      service: upstream.service,
      state: UpstreamState[upstream.state].replace('UPSTREAM_STATE_', ''),
      hop: upstream.hop === Hop.HOP_RELAY ? 'relay' : upstream.hop === Hop.HOP_PLAIN ? 'plain' : 'none',
      plainReason: upstream.plainReason,
      outstanding: upstream.outstanding,
      calls: Number(upstream.calls),
      retries: Number(upstream.retries),
      relayedCalls: Number(upstream.relayedCalls),
      relayMessages: Number(upstream.relayMessages),
      sentBytes: Number(upstream.sentBytes),
      receivedBytes: Number(upstream.receivedBytes),
    })),
  };
}

/** Two tables and their ends of lines. */
export function renderRoutes({ models, upstreams }: ShownRoutes, bold: (text: string) => string): string {
  const modelRows = models.map(({ name, version, upstreams: at, defaultOf, refused }) => [
    name,
    version,
    refused !== '' ? `refused: ${refused}` : at.length > 0 ? at.join(' ') : 'none',
    defaultOf.map(shortName).join(' '),
  ]);
  const someArePlain = upstreams.some(({ plainReason }) => plainReason !== '');
  const upstreamRows = upstreams.map((upstream) => [
    upstream.address,
    upstream.service,
    upstream.state,
    upstream.hop === 'none' ? '' : upstream.hop,
    String(upstream.outstanding),
    String(upstream.calls),
    String(upstream.retries),
    upstream.relayMessages > 0 ? (upstream.relayedCalls / upstream.relayMessages).toFixed(1) : '',
    renderBytes(upstream.sentBytes),
    renderBytes(upstream.receivedBytes),
    ...(someArePlain ? [upstream.plainReason] : []),
  ]);
  const upstreamHead = [
    'upstream',
    'service',
    'state',
    'hop',
    'outstanding',
    'calls',
    'retries',
    'per message',
    'sent',
    'received',
  ];
  if (someArePlain) upstreamHead.push('why plain');
  const parts = [
    bold('models'),
    models.length === 0
      ? 'none yet'
      : renderTable([['model', 'version', 'upstreams', 'default of'], ...modelRows], [1]),
    '',
    bold('upstreams'),
    upstreams.length === 0 ? 'none yet' : renderTable([upstreamHead, ...upstreamRows], [4, 5, 6, 7, 8, 9]),
  ];
  return `${parts.join('\n')}\n`;
}

/** `tributary.nlp.v1.NlpService/Embed` -> `NlpService/Embed` */
function shortName(rpc: string): string {
  return rpc.slice(rpc.lastIndexOf('.', rpc.indexOf('/')) + 1);
}
