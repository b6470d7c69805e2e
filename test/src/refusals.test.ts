import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findRefusal, Status, TributaryError, type RefusalTable } from '@tributary/contract';
import { root, services } from './support/system';

const hostile = `\n\0\ud83d${'x'.repeat(5000)}`;

/** Arguments for any message: hostile texts, and hostile lists where it asks for positions. */
const hostileArguments = new Proxy(
  {},
  { get: (_target, key) => (key === 'indices' ? Array<number>(10_000).fill(1e300) : hostile) },
) as never;

describe.each(services)('the refusals of %s', (service) => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- services are programs, not packages to import
  const { refusals } = require(join(root, 'services', service, 'dist/refusals.js')) as { refusals: RefusalTable };

  it.each(Object.entries(refusals))(
    '%s has a failing status, an explanation, and a message that is short and printable whatever it echoes',
    (reason, { status, meaning, remedy, message }) => {
      expect(reason).toMatch(/^[A-Z][A-Z_]+$/);
      expect(status).not.toBe(Status.OK);
      expect(meaning).toMatch(/\.$/);
      expect(remedy).toMatch(/\.$/);
      const said = new TributaryError(reason, message(hostileArguments)).message;
      expect(() => encodeURI(said)).not.toThrow();
      expect(said).not.toMatch(/[\n\0]/);
      expect(said.length).toBeLessThanOrEqual(1024);
    },
  );

  it('are registered with its tasks', () => {
    for (const [reason, entry] of Object.entries(refusals)) expect(findRefusal(reason)).toBe(entry);
  });
});
