// A process that takes every call, tells its parent, and never answers.
import { startBytesServer } from './bytes-server';

void startBytesServer({
  '/test.Bytes/Call': {
    unary: () => {
      process.send?.('called');
    },
  },
}).then(({ address }) => process.send?.(address));
process.on('disconnect', () => process.exit());
