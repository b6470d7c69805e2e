// Tests run on the compiled output: what is tested is what ships, and worker threads find their .js files.
/** @type {import('jest').Config} */
module.exports = {
  testMatch: ['<rootDir>/{packages,services}/*/dist/**/*.test.js', '<rootDir>/test/{,cluster/}dist/**/*.test.js'],
  testEnvironment: 'node',
  snapshotResolver: '<rootDir>/jest.snapshots.cjs',
  maxWorkers: 2,
  // A guard against hangs, not a promise: machines are shared, and a test may wait its turn for long.
  testTimeout: 120_000,
};
