import type { TaskTable } from '@tributary/engine';
import { imageClassification } from './image-classification';

/** What the image service does with its models. */
export const tasks: TaskTable = [imageClassification];
