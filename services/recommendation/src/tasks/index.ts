import type { TaskTable } from '@tributary/engine/task';
import { recommendation } from './recommendation';

/** What the recommendation service does with its models. */
export const tasks: TaskTable = [recommendation];
