import { join, resolve } from 'node:path';

/** Root of the workspace. */
export const root = resolve(__dirname, '../../..');
/** Folder of the model repositories that ship. */
export const models = join(root, 'models');
