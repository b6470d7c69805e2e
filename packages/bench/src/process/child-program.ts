import { fork, type ChildProcess } from 'node:child_process';
import type { ProcessGroup } from './process-group';

/** The questions a child process answers, by name: one argument, one promised answer, both plain data and typed arrays. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the constraint of a table of functions of any argument
type Questions<P> = { [K in keyof P]: (argument: any) => Promise<unknown> };

interface Question {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

type Answer = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly fault: string };

/** A module of ours running in a process of its own, asked over IPC. `P` lists its questions. */
export class ChildProgram<P extends Questions<P>> {
  private readonly group: ProcessGroup;
  private readonly child: ChildProcess;
  private readonly name: string;
  private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  private lastId = 0;

  /** Starts the module; the group ends it on every way out. */
  constructor(group: ProcessGroup, name: string, module: string, environment: Readonly<Record<string, string>> = {}) {
    this.group = group;
    this.name = name;
    this.child = fork(module, [], {
      serialization: 'advanced',
      stdio: ['ignore', 2, 2, 'ipc'],
      execArgv: [],
      env: { ...process.env, ORT_DISABLE_TELEMETRY: '1', ...environment },
    });
    group.add(name, this.child);
    this.child.on('message', (message) => this.settle(message as Answer));
    this.child.once('error', (error) => this.failAll(error));
    this.child.once('exit', (code, signal) =>
      this.failAll(new Error(`${name} ended with ${signal ?? `code ${String(code)}`}`)),
    );
  }

  /** Asks one question. Fails with the child's words, or when the child ends first. */
  ask<K extends keyof P & string>(name: K, argument: Parameters<P[K]>[0]): ReturnType<P[K]> {
    const id = ++this.lastId;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      const question: Question = { id, name, argument };
      this.child.send(question, (error) => {
        if (error === null) return;
        this.waiting.delete(id);
        reject(error);
      });
    });
    return answer as ReturnType<P[K]>;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.name} could not be started`);
    return this.child.pid;
  }

  /** Ends the process. */
  end(): Promise<void> {
    return this.group.end([this.child]);
  }

  private settle(answer: Answer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if ('fault' in answer) waiting?.reject(new Error(`${this.name}: ${answer.fault}`));
    else waiting?.resolve(answer.value);
  }

  private failAll(error: Error): void {
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

/** The child's side: answers the parent's questions until the parent is gone. */
export function answerParent<P extends Questions<P>>(answers: P): void {
  process.on('message', (message) => {
    const { id, name, argument } = message as Question;
    void answerOne(answers[name as keyof P], argument).then((outcome) => process.send?.({ id, ...outcome }));
  });
  // Not process.exit: that hangs while a worker is inside a run of ONNX Runtime.
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}

async function answerOne(
  answer: ((argument: unknown) => Promise<unknown>) | undefined,
  argument: unknown,
): Promise<{ value: unknown } | { fault: string }> {
  try {
    if (answer === undefined) throw new Error('no such question');
    return { value: await answer(argument) };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}
