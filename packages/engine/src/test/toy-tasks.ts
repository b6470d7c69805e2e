import { once } from 'node:events';
import { defineRefusals, Status, TributaryError } from '@tributary/contract';
import type { TaskContext, TaskDefinition, TaskHandler, TaskTable } from '../tasks/task';
import { fp32 } from '../testing';

/** Tasks that tests need: well-behaved ones, and ones that fail in every way task code can. */

/** A refusal of the task's own, which crosses to the main thread as text. */
const refusal = defineRefusals('toy', {
  TOY_REFUSED: {
    status: Status.INVALID_ARGUMENT,
    message: (a: { index: number }) => `text ${a.index} is refused`,
    meaning: 'The toy does not like it.',
    remedy: 'Send another.',
  },
});

interface ToyOptions {
  readonly greeting: string;
  readonly other?: string;
  /** Leaves a timer behind that keeps its thread alive. */
  readonly ticks?: boolean;
}

const options = {
  parse(value: unknown): ToyOptions {
    const { greeting = 'hello', other, ticks } = value as { greeting?: unknown; other?: unknown; ticks?: unknown };
    if (typeof greeting !== 'string') throw new Error(`greeting: expected a text, got ${typeof greeting}`);
    return { greeting, ...(typeof other === 'string' && { other }), ticks: ticks === true };
  },
};

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

/** The same bytes for every call, in a buffer of their own. */
const constant = Uint8Array.from(bytes('always the same'));

/** Never resolves; rejects when the call is aborted. */
async function untilAborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason as Error;
}

const numbers = (request: Uint8Array): ReturnType<typeof fp32> => {
  const values = JSON.parse(text(request)) as number[];
  return fp32([1, values.length], values);
};

async function square(request: Uint8Array, context: TaskContext, model?: string): Promise<number[]> {
  const { outputs } = await context.infer(new Map([['input', numbers(request)]]), model === undefined ? {} : { model });
  return [...new Float32Array(new Uint8Array(outputs.get('output')!.bytes).buffer)];
}

async function askTwice(tensor: ReturnType<typeof fp32>, context: TaskContext): Promise<never> {
  await context.infer(new Map([['input', tensor]]));
  await context.infer(new Map([['input', tensor]]));
  throw new Error('the tensor was not moved');
}

async function* count(request: Uint8Array, context: TaskContext): AsyncGenerator<Uint8Array> {
  const limit = Number(text(request));
  for (let number = 1; number <= limit; number++) {
    if (context.signal.aborted) return;
    yield bytes(String(number));
  }
}

function handlers(greeting: string, other: string | undefined): Map<string, TaskHandler> {
  return new Map<string, TaskHandler>([
    ['toy.Toy/Greet', async (request) => bytes(`${greeting} ${text(request)}`)],
    ['toy.Toy/Constant', () => Promise.resolve(constant)],
    ['toy.Toy/Ask', async (request, context) => bytes(await square(request, context))],
    [
      'toy.Toy/AskTwice',
      async (request, context) => bytes(await Promise.all([square(request, context), square(request, context)])),
    ],
    ['toy.Toy/AskOther', async (request, context) => bytes(await square(request, context, other))],
    [
      'toy.Toy/AskWrongly',
      async (_request, context) => bytes((await context.infer(new Map([['nope', fp32([1], [1])]]))).version),
    ],
    ['toy.Toy/AskWithTheSame', (request, context) => askTwice(numbers(request), context)],
    ['toy.Toy/Describe', async (_request, context) => bytes(context.modelInfo(context.model))],
    ['toy.Toy/Time', async (request, context) => bytes([await square(request, context), context.timing()])],
    ['toy.Toy/Count', count],
    ['toy.Toy/Refuse', () => Promise.reject(refusal('TOY_REFUSED', { index: 3 }, { field: 'texts[3]' }))],
    ['toy.Toy/Fail', () => Promise.reject(new TypeError('secret of /etc/passwd'))],
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what is tested
    ['toy.Toy/FailOddly', () => Promise.reject('not even an error')],
    ['toy.Toy/Wait', (_request, context) => untilAborted(context.signal)],
    ['toy.Toy/Never', () => new Promise<never>(() => undefined)],
    [
      'toy.Toy/ThrowOutside',
      () =>
        new Promise<never>(() =>
          setImmediate(() => {
            throw new Error('outside of a request');
          }),
        ),
    ],
    ['toy.Toy/Exit', () => process.exit(3)],
    ['toy.Toy/Spin', () => spin()],
    ['toy.Toy/RunOutOfMemory', () => fillHeap()],
  ]);
}

function spin(): Promise<never> {
  for (;;);
}

function fillHeap(): Promise<never> {
  let chain: unknown;
  // Small objects: Node 24 ends the whole process where large arrays exhaust the heap of a thread.
  for (;;) chain = { chain };
}

const toy: TaskDefinition<ToyOptions> = {
  name: 'toy',
  methods: [...handlers('', undefined).keys()],
  options,
  async load({ options: { greeting, other, ticks }, readFile, note }) {
    if (ticks === true) setInterval(() => undefined, 1000);
    const suffix = greeting === 'from a file' ? (await readFile('greeting.txt')).toString() : greeting;
    if (greeting === 'worth a note') note('a note on its files');
    if (greeting === 'escape') await readFile('../../../secret.txt');
    if (greeting === 'fail to load') throw new Error('no such tokenizer in /home/secret');
    return {
      methods: handlers(suffix, other),
      async warmUp(context) {
        if (greeting === 'fail to warm up') throw new TributaryError('INTERNAL', 'cold');
        if (other !== undefined) await square(bytes('[1,2]'), context, other);
      },
    };
  },
};

export const tasks: TaskTable = [toy];
