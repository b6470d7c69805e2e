import { attempt, run, type RunOptions } from './run';

/** kubectl as the administrator of the test's cluster. */
export interface Kubectl {
  readonly program: string;
  readonly kubeconfig: string;
  /** @returns stdout @throws RunError with kubectl's words */
  run(args: readonly string[], options?: RunOptions): Promise<string>;
  /** stdout, or undefined where kubectl failed. */
  try(...args: string[]): Promise<string | undefined>;
  /** An object, or undefined where there is none (yet). */
  tryGet<T>(name: string, namespace?: string): Promise<T | undefined>;
  /** The items of a kind that a selector fits. */
  list<T>(kind: string, namespace: string, selector: string): Promise<readonly T[]>;
  /** Server-side apply of objects, or of the YAML of a build. */
  apply(objects: readonly object[] | string): Promise<void>;
}

export function createKubectl(program: string, kubeconfig: string): Kubectl {
  const withConfig = (args: readonly string[]): string[] => [`--kubeconfig=${kubeconfig}`, ...args];
  const kubectl: Kubectl = {
    program,
    kubeconfig,
    run: (args, options) => run(program, withConfig(args), options),
    try: (...args) => attempt(program, withConfig(args)),
    async tryGet<T>(name: string, namespace = 'default') {
      const found = await kubectl.try('get', name, '-n', namespace, '-o', 'json');
      return found === undefined ? undefined : (JSON.parse(found) as T);
    },
    async list<T>(kind: string, namespace: string, selector: string) {
      const found = await kubectl.run(['get', kind, '-n', namespace, '-l', selector, '-o', 'json']);
      return (JSON.parse(found) as { items: readonly T[] }).items;
    },
    async apply(objects) {
      const input =
        typeof objects === 'string' ? objects : JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
      await kubectl.run(['apply', '--server-side', '-f', '-'], { input });
    },
  };
  return kubectl;
}
