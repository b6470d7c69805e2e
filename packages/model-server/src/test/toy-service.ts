import { join } from 'node:path';
import { runModelService } from '../run-model-service';

/** A service of its own process, for tests that start and end it. */
runModelService({
  name: 'toy',
  summary: 'A service of a test.',
  tasksModule: join(__dirname, 'toy-tasks.js'),
  ports: { grpc: 0, metrics: 0 },
  repository: 'models/toy',
});
