import { join } from 'node:path';
import type { ModelServiceDefinition } from '@tributary/model-server';

/** The image service: models that look at pictures. */
export const service: ModelServiceDefinition = {
  name: 'image',
  summary: 'Answers questions about pictures, with the models of its repository.',
  tasksModule: join(__dirname, 'tasks/index.js'),
  ports: { grpc: 8011, metrics: 8012 },
  repository: 'models/image',
};
