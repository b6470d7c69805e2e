// Snapshots lie beside the source, tests run from the build.
module.exports = {
  resolveSnapshotPath: (test, extension) =>
    test.replace(/\/dist\/(.*)\/?([^/]+)\.js$/, '/src/$1$2.ts').replace(/([^/]+)$/, `__snapshots__/$1${extension}`),
  resolveTestPath: (snapshot, extension) =>
    snapshot
      .replace('/src/', '/dist/')
      .replace('__snapshots__/', '')
      .slice(0, -extension.length)
      .replace(/\.ts$/, '.js'),
  testPathForConsistencyCheck: '/repo/test/dist/some.test.js',
};
