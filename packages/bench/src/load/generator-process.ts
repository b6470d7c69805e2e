import { answerParent } from '../process/child-program';
import type { GeneratorProgram } from './load-plan';
import { runLoad } from './run-load';

// The load generator has a process of its own, so that its work never runs on the loop of what it measures.
answerParent<GeneratorProgram>({ run: runLoad });
