import type { TaskTable } from '@tributary/engine/task';
import { Encoders } from '../text/encoders';
import { textClassification } from './text-classification';
import { textEmbedding } from './text-embedding';

const encoders = new Encoders();

/** What the nlp service does with its models. Embedding models lend their encoders to the heads of other tasks. */
export const tasks: TaskTable = [textEmbedding(encoders), textClassification(encoders)];
