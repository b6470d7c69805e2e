/** Real servers for the tests of this package and of the router. */
export { startTestUpstream, type TestModel, type TestUpstream, type TestUpstreamOptions } from './test-upstream';
export { spawnTestUpstream, type SpawnedTestUpstream } from './spawn-test-upstream';
export { demoKind, echoedKeys, floodBytes, floodMessages, runDemoServer, type DemoCounts } from './demo-server';
