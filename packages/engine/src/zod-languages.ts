import Module from 'node:module';

/**
 * Imported before zod for what it does: zod loads its messages in fifty languages with itself, which is more than half of what it
 * takes (25 to 45 ms of a start), and English, which is all that is used here, once more by itself. An empty module stands in for them.
 */
const languages = require.resolve('zod/v4/locales');
if (require.cache[languages] === undefined) {
  const empty = new Module(languages);
  empty.exports = { __esModule: true };
  empty.loaded = true;
  require.cache[languages] = empty;
}
