// A process that takes every call, tells its parent, and never answers. Its argument: `relay`, where it shall have the relay.
import { startMethodServer } from '../testing/method-server';

void startMethodServer(
  {
    '/test.Bytes/Call': {
      unary: () => {
        process.send?.('called');
        return new Promise(() => undefined);
      },
    },
  },
  { relay: process.argv[2] === 'relay' },
).then(({ address }) => process.send?.(address));
process.on('disconnect', () => process.exit());
