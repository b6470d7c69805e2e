import { join } from 'node:path';

/** Program of a session lane's thread. */
export const sessionScript = join(__dirname, 'session-worker.js');
