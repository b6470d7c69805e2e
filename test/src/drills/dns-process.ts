// An authoritative DNS server for one zone: A records that its parent names, nothing for anything else.
import { createSocket } from 'node:dgram';
import { decode, encode, RECURSION_DESIRED, AUTHORITATIVE_ANSWER } from 'dns-packet';

/** Addresses by name. */
export type Zone = Readonly<Record<string, readonly string[]>>;

const notFound = 3;
let zone: Zone = {};
const socket = createSocket('udp4');
socket.on('message', (bytes, { address, port }) => {
  const { id, flags = 0, questions = [] } = decode(bytes);
  const [question] = questions;
  const known = zone[question?.name.toLowerCase() ?? ''];
  const answers = (question?.type === 'A' ? (known ?? []) : []).map((data) => ({
    type: 'A' as const,
    name: question!.name,
    ttl: 1,
    data,
  }));
  const rcode = known === undefined ? notFound : 0;
  const echoed = (flags & RECURSION_DESIRED) | AUTHORITATIVE_ANSWER | rcode;
  socket.send(encode({ type: 'response', id: id ?? 0, flags: echoed, questions, answers }), port, address);
});
process.on('message', (message: Zone) => {
  zone = message;
  process.send?.('changed');
});
process.on('disconnect', () => process.exit());
socket.bind(53, process.argv[2], () => process.send?.('listening'));
