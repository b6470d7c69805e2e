import { expect, it } from '@jest/globals';
import { nodeVersionProblem } from './node-version';

it.each(['20.19.0', '20.20.2', '22.0.0', '24.1.0'])('Node %s will do', (version) => {
  expect(nodeVersionProblem(version)).toBeUndefined();
});

it.each(['18.20.0', '20.18.3'])('Node %s is refused with what to install', (version) => {
  expect(nodeVersionProblem(version)).toBe(
    `Node ${version} is too old; install Node 20.19 or newer (20, 22 and 24 are tested)`,
  );
});
