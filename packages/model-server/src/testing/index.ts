/** A model service of real sockets and threads inside a test, and what tests of services share. Not for production. */
export { refusalOf, type Refusal } from './refusal-of';
export {
  serveEngine,
  startTestServer,
  type ServingOptions,
  type TestServer,
  type TestServerOptions,
} from './start-test-server';
export { temporaryRepository, type TemporaryRepository } from './temporary-repository';
