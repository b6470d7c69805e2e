// Times the ModelInfer codecs written by hand against the generated ones. Needs a build of this package.
// Prints the best of seven rounds in microseconds a call; rounds of both sides alternate.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const {
  decodeModelInferRequest,
  encodeModelInferResponse,
  inference,
  readModelName,
  rpcMethods,
} = require('../dist/index.js');
const { ModelInferRequest, ModelInferResponse } = inference;
const modelInfer = rpcMethods.get('/inference.GRPCInferenceService/ModelInfer');

const numbers = (count) => Array.from({ length: count }, (_, index) => index);

const requests = {
  'decode 64 floats, raw': [{ datatype: 'FP32', shape: [1, 64] }, Buffer.alloc(256), 20_000],
  'decode 602,112 bytes, raw': [{ datatype: 'UINT8', shape: [1, 448, 448, 3] }, Buffer.alloc(602_112), 20_000],
  'decode 150,528 floats, typed': [
    { datatype: 'FP32', shape: [1, 150_528], contents: { fp32Contents: numbers(150_528) } },
    undefined,
    40,
  ],
  'decode 100,000 int64, typed': [
    { datatype: 'INT64', shape: [1, 100_000], contents: { int64Contents: numbers(100_000) } },
    undefined,
    10,
  ],
};

for (const [name, [input, raw, calls]] of Object.entries(requests)) {
  const message = Buffer.from(
    ModelInferRequest.encode({
      modelName: 'mlp',
      inputs: [{ name: 'x', ...input }],
      rawInputContents: raw ? [raw] : [],
    }).finish(),
  );
  compare(name, calls, {
    hand: () => decodeModelInferRequest(message),
    generated: () => ModelInferRequest.decode(message),
    'name only': () => readModelName(modelInfer, message),
  });
}

for (const [size, calls] of [
  [4, 20_000],
  [4000, 20_000],
  [602_112, 300],
]) {
  const output = { name: 'y', datatype: 'FP32', shape: [1, size / 4], bytes: Buffer.alloc(size) };
  const names = { modelName: 'mlp', modelVersion: '1', id: '' };
  compare(`encode ${size.toLocaleString('en')} bytes`, calls, {
    hand: () => encodeModelInferResponse({ ...names, outputs: [output] }),
    generated: () => {
      const { name, datatype, shape } = output;
      const message = { ...names, outputs: [{ name, datatype, shape }], rawOutputContents: [output.bytes] };
      return ModelInferResponse.encode(message).finish();
    },
  });
}

function compare(name, calls, sides) {
  const best = new Map(Object.keys(sides).map((side) => [side, Infinity]));
  for (let round = 0; round < 8; round += 1) {
    for (const [side, call] of Object.entries(sides)) {
      const start = process.hrtime.bigint();
      for (let index = 0; index < calls; index += 1) call();
      const microseconds = Number(process.hrtime.bigint() - start) / calls / 1000;
      if (round > 0) best.set(side, Math.min(best.get(side), microseconds)); // The first round warms up.
    }
  }
  console.log(name.padEnd(30), [...best].map(([side, value]) => `${side} ${value.toFixed(2)}`).join('  '));
}
