import { join } from 'node:path';
import type { ModelServiceDefinition } from '@tributary/model-server';

/** The nlp service: models that read texts. */
export const service: ModelServiceDefinition = {
  name: 'nlp',
  summary: 'Embeds, classifies and tokenises texts, with the models of its repository.',
  tasksModule: join(__dirname, 'tasks/index.js'),
  ports: { grpc: 8021, metrics: 8022 },
  repository: 'models/nlp',
};
