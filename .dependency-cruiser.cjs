// The layers of docs/architecture.md. A lower row never imports a higher one, the same row never sideways.
const layers = {
  contract: [],
  engine: ['contract'],
  serve: ['contract'],
  client: ['contract'],
  'model-server': ['contract', 'serve', 'engine'],
  tune: ['contract', 'engine'],
  cli: ['contract', 'client', 'engine', 'serve', 'tune'],
  bench: ['contract', 'client', 'engine', 'serve', 'tune'],
};
// Entries `./testing` are for tests alone.
const testing = {
  engine: layers.engine,
  serve: layers.serve,
  'model-server': [...layers['model-server'], 'client'],
};
const services = {
  image: ['contract', 'engine', 'model-server'],
  nlp: ['contract', 'engine', 'model-server'],
  recommendation: ['contract', 'engine', 'model-server'],
  router: ['contract', 'serve', 'client'],
};
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  // Tests are clients: they may come through the front door of anything.
  from: { path: `^${from}/src/`, pathNot: ['/src/test/', '/src/testing/', '\\.test\\.ts$'] },
  to: { path: '^(packages|services|test)/', pathNot: [`^${from}/`, ...allowed.map((to) => `^packages/${to}/`)] },
});
const importedOnlyBy = (library, folders) => ({
  name: `only-${folders.join('-')}-imports-${library.replace(/[^a-z]/g, '')}`,
  severity: 'error',
  from: { path: '^(packages|services)/', pathNot: folders.map((folder) => `^${folder}/`) },
  to: { path: `node_modules/${library}/` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    ...Object.entries(layers).map(([name, allowed]) => only(`layer-${name}`, `packages/${name}`, allowed)),
    ...Object.entries(testing).map(([name, allowed]) => ({
      ...only(`layer-testing-${name}`, `packages/${name}`, allowed),
      from: { path: `^packages/${name}/src/testing/` },
    })),
    ...Object.entries(services).map(([name, allowed]) => only(`layer-service-${name}`, `services/${name}`, allowed)),
    importedOnlyBy('onnxruntime-node', ['packages/engine', 'packages/tune', 'packages/bench']),
    importedOnlyBy('koffi', ['packages/engine/src/sessions/ort']),
    importedOnlyBy('@grpc/grpc-js', [
      'packages/serve',
      'packages/client',
      'packages/bench',
      'services/router/src/test',
    ]),
    importedOnlyBy('sharp', ['services/image', 'packages/bench']),
    {
      name: 'through-the-front-door',
      comment: "Another package's files are reached through its index (or an entry of its exports map).",
      severity: 'error',
      from: { path: '^(packages|services)/([^/]+)/' },
      to: {
        path: '^(packages|services)/[^/]+/(src|dist)/',
        pathNot: [
          '^$1/$2/',
          '/(src|dist)/index\\.',
          '/(src|dist)/testing/index\\.',
          '/(src|dist)/tasks/task-kit\\.',
          '/(src|dist)/(early|tuning|run-model-service|settings/index)\\.',
        ],
      },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: '(node_modules|/dist/)' },
    exclude: { path: '/gen/' },
    includeOnly: undefined,
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'require', 'node', 'default'],
      extensions: ['.ts', '.d.ts', '.js', '.json'],
    },
  },
};
