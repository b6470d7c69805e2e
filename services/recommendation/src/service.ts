import { join } from 'node:path';
import type { ModelServiceDefinition } from '@tributary/model-server';

/** The recommendation service: models that find items for people. */
export const service: ModelServiceDefinition = {
  name: 'recommendation',
  summary: 'Recommends items, with the models of its repository.',
  tasksModule: join(__dirname, 'tasks/index.js'),
  ports: { grpc: 8031, metrics: 8032 },
  repository: 'models/recommendation',
};
