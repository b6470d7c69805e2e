// Writes docs/errors.md from the catalogue. Needs a build of this package.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { errorCatalogue, statusName } = require('../dist/index.js');

const target = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'docs', 'errors.md');

const rows = Object.entries(errorCatalogue).map(
  ([reason, { status, meaning, remedy }]) =>
    `| \`${reason}\` | ${statusName(status)} | ${cell(meaning)} | ${cell(remedy)} |`,
);

mkdirSync(dirname(target), { recursive: true });
writeFileSync(
  target,
  `<!-- Generated from packages/contract/src/error-catalogue.ts by \`pnpm --filter @tributary/contract run docs\`. -->

# Errors

This page lists the reasons of all refusals. A refusal reaches the caller as a gRPC status; its reason travels beside the status in the trailer
\`grpc-status-details-bin\`, a \`google.rpc.Status\` with

- \`google.rpc.ErrorInfo\`: \`reason\`, \`domain\` \`tributary\`, and as \`metadata\` \`field\`, \`expected\` and \`got\` where they apply;
- \`google.rpc.BadRequest\`, where a field of the request is at fault;
- \`google.rpc.RetryInfo\`, where the server says when to try again.

RESOURCE_EXHAUSTED means overload or a limit: back off, or send less. A call that got UNAVAILABLE may be tried again at once. A request that got
INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION or UNIMPLEMENTED gets it again.

| Reason | Status | What it means | What to do |
| --- | --- | --- | --- |
${rows.join('\n')}
`,
);
console.log('wrote docs/errors.md');

function cell(text) {
  return text.replaceAll('|', '\\|');
}
