/**
 * Importable as `@tributary/engine/early`: starts what an engine will need before the engine itself is loaded. Imports next to
 * nothing.
 */
import './zod-languages';

export { endEarlyRunner, startEarlyRunner } from './sessions/early-runner';
