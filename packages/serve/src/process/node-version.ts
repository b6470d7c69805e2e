/** Oldest Node that works. */
const oldest = [20, 19] as const;

/** Why a version of Node will not do, and what will; undefined where it will. */
export function nodeVersionProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return undefined;
  return `Node ${version} is too old; install Node ${oldest.join('.')} or newer (20, 22 and 24 are tested)`;
}
