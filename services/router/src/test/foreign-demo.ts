// demo.Demo by grpc-js, as a server of another maker would have it. SIGTERM drains it.
import { runDemoServer } from '@tributary/client/testing';

runDemoServer();
