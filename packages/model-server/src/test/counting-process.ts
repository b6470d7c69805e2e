import { startTestServer } from '../testing';

/** A server that tells how many bytes its main thread has copied and allocated so far. Node's own copies are not seen. */

let copied = 0;
let allocated = 0;

const arrays = Object.getPrototypeOf(Uint8Array.prototype) as { set: Uint8Array['set'] };
const { set } = arrays;
arrays.set = function (this: Uint8Array, source: ArrayLike<number>, at?: number): void {
  copied += source.length;
  set.call(this, source, at);
};
// eslint-disable-next-line @typescript-eslint/unbound-method -- it needs no `this`
const { concat } = Buffer;
Buffer.concat = (list, length) => {
  const joined = concat(list, length);
  copied += joined.length;
  allocated += joined.length;
  return joined;
};
for (const name of ['allocUnsafe', 'allocUnsafeSlow'] as const) {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it needs no `this`
  const allocate = Buffer[name];
  Buffer[name] = (size: number): Buffer<ArrayBuffer> => {
    allocated += size;
    return allocate(size);
  };
}

async function main(repository: string): Promise<void> {
  const { address } = await startTestServer({ repository, cpuBudget: 1 });
  process.on('message', () => process.send!({ copied, allocated }));
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.send!({ address });
}

void main(process.argv[2]!);
