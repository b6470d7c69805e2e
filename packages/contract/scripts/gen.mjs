// Generates packages/contract/gen from protos/: message classes, their types, the descriptors for reflection, and the tables of
// RPCs. Running it twice changes nothing.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const protobuf = require('protobufjs');

const packageFolder = join(dirname(fileURLToPath(import.meta.url)), '..');
const workspace = join(packageFolder, '..', '..');
const protoFolder = join(workspace, 'protos');
const outFolder = join(packageFolder, 'gen');
const header = '// Generated from protos/ by `pnpm --filter @tributary/contract gen`. Do not edit.\n';

const scratch = mkdtempSync(join(tmpdir(), 'contract-gen-'));
try {
  mkdirSync(outFolder, { recursive: true });
  writeMessages();
  const descriptors = buildDescriptors();
  writeDescriptorSet(descriptors);
  writeRpcMethods(descriptors);
  writeRpcMessages(descriptors);
} finally {
  rmSync(scratch, { recursive: true });
}

/** Codecs without comments for Node, and types with the comments of the .proto files for people. */
function writeMessages() {
  const pbjs = join(dirname(require.resolve('protobufjs-cli/package.json')), 'bin', 'pbjs');
  const protos = protoFiles(protoFolder).sort();
  const run = (out, ...options) =>
    execFileSync(
      process.execPath,
      [pbjs, '-t', 'static-module', '-w', 'commonjs', '-r', 'tributary', '-p', '.', '-o', out]
        .concat(['--no-verify', '--no-convert', '--no-delimited', '--no-typeurl', '--no-service'])
        .concat(options, protos),
      { cwd: protoFolder, stdio: ['ignore', 'inherit', 'inherit'] },
    );
  run(join(scratch, 'plain.js'), '--no-comments');
  run(join(scratch, 'typed.js'), '--alt-comment', '--dts');
  write('messages.js', header + readFileSync(join(scratch, 'plain.js'), 'utf8'));
  write('messages.d.ts', header + readFileSync(join(scratch, 'typed.d.ts'), 'utf8'));
}

/** All files with their imports as a google.protobuf.FileDescriptorSet, without comments. */
function buildDescriptors() {
  const out = join(scratch, 'descriptors.binpb');
  const buf = join(workspace, 'node_modules', '.bin', 'buf');
  execFileSync(buf, ['build', protoFolder, '--exclude-source-info', '--as-file-descriptor-set', '-o', out], {
    stdio: 'inherit',
  });
  return readFileSync(out);
}

function writeDescriptorSet(descriptors) {
  const lines = descriptors.toString('base64').match(/.{1,120}/g);
  write('descriptor-set.js', `${header}'use strict';\nexports.descriptorSetBase64 = \`\n${lines.join('\n')}\n\`;\n`);
  write(
    'descriptor-set.d.ts',
    `${header}/** Base64, with line ends, of a google.protobuf.FileDescriptorSet. */\nexport declare const descriptorSetBase64: string;\n`,
  );
}

function writeRpcMethods(descriptors) {
  const rows = rpcMethods(descriptors).map((method) => `  ${JSON.stringify(method)},\n`);
  write('rpc-methods.js', `${header}'use strict';\nexports.rpcMethodRows = [\n${rows.join('')}];\n`);
  write(
    'rpc-methods.d.ts',
    `${header}import type { RpcMethod } from '../src/rpc-method';\nexport declare const rpcMethodRows: readonly RpcMethod[];\n`,
  );
}

/** Request and response of RPCs without a stream of requests, for typed clients. */
function writeRpcMessages(descriptors) {
  const called = rpcMethods(descriptors).filter(({ requestStream }) => !requestStream);
  const table = (methods, value) =>
    methods.map(({ path, requestType, responseType }) => {
      const name = JSON.stringify(path.slice(1));
      return value(name, requestType, responseType);
    });
  const rows = (streams, value) =>
    table(
      called.filter(({ responseStream }) => responseStream === streams),
      value,
    ).join('');
  const js = (name, request, response) =>
    `  ${name}: { request: messages.${request}, response: messages.${response} },\n`;
  write(
    'rpc-messages.js',
    `${header}'use strict';\nconst messages = require('./messages');\n` +
      `exports.unaryRpcs = {\n${rows(false, js)}};\nexports.serverStreamRpcs = {\n${rows(true, js)}};\n`,
  );
  const ts = (name, request, response) =>
    `  readonly ${name}: { readonly request: typeof ${request}; readonly response: typeof ${response} };\n`;
  const packages = [...new Set(called.map(({ requestType }) => requestType.split('.')[0]))].sort();
  write(
    'rpc-messages.d.ts',
    `${header}import type { ${packages.join(', ')} } from './messages';\n` +
      `/** Request and response of every RPC with one answer, by \`service/method\`. */\n` +
      `export declare const unaryRpcs: {\n${rows(false, ts)}};\n` +
      `/** Request and response of every RPC with a stream of answers, by \`service/method\`. */\n` +
      `export declare const serverStreamRpcs: {\n${rows(true, ts)}};\n`,
  );
}

/** One row per RPC, by path. */
function rpcMethods(descriptors) {
  const root = protobuf.Root.fromJSON(require('protobufjs/google/protobuf/descriptor.json'));
  const { file: files } = root.lookupType('google.protobuf.FileDescriptorSet').decode(descriptors);
  const messages = new Map(
    files.flatMap((file) => file.messageType.map((message) => [`${file.package}.${message.name}`, message])),
  );
  const numberOf = (type, field) => messages.get(type).field.find(({ name }) => name === field)?.number;
  return files
    .flatMap((file) =>
      file.service.flatMap((service) =>
        service.method.map((method) => {
          const requestType = method.inputType.slice(1);
          const prefix = ['inference.ModelReadyRequest', 'inference.ModelMetadataRequest'].includes(requestType)
            ? ''
            : 'model_';
          return {
            path: `/${file.package}.${service.name}/${method.name}`,
            service: `${file.package}.${service.name}`,
            requestType,
            responseType: method.outputType.slice(1),
            requestStream: method.clientStreaming,
            responseStream: method.serverStreaming,
            modelNameField: numberOf(requestType, `${prefix}name`),
            modelVersionField: numberOf(requestType, `${prefix}version`),
          };
        }),
      ),
    )
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function protoFiles(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.proto'));
}

function write(name, text) {
  writeFileSync(join(outFolder, name), text);
  console.log(`wrote ${relative(workspace, join(outFolder, name))}`);
}
