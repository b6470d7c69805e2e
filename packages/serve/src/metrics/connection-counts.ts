/**
 * Why a connection was refused or closed by its server. limit: as many as `maxConnections` were open; peer_limit: as many as
 * `maxConnectionsPerPeer` of its address; silent: it did not say in time that it speaks HTTP/2; flood: it asked for answers without calling;
 * protocol: it strained the rules of HTTP/2, with floods of frames, endless headers or streams over the limit; unread: it had been closed and
 * read nothing of what was still on its way to it.
 */
export const dropReasons = ['limit', 'peer_limit', 'silent', 'flood', 'protocol', 'unread'] as const;
export type DropReason = (typeof dropReasons)[number];

/** What became of the connections of a process, in plain numbers. */
export class ConnectionCounts {
  /** Connections that are open. */
  open = 0;
  readonly dropped: Record<DropReason, number> = {
    limit: 0,
    peer_limit: 0,
    silent: 0,
    flood: 0,
    protocol: 0,
    unread: 0,
  };
}
