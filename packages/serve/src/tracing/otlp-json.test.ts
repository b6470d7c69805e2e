import { expect, it } from '@jest/globals';
import { requestHead, requestTail, spanToJson } from './otlp-json';
import { Span, type SpanSink } from './span';
import { SpanColumns } from './span-columns';
import { TraceIds } from './trace-ids';

const sink: SpanSink = { ids: new TraceIds(1), ended: () => undefined };
const traceId = '0af7651916cd43dd8448eb211c80319c';
const parentId = 'b7ad6b7169203331';

it('writes OTLP that JSON can read, whatever names and attributes hold, with stages below their span', () => {
  const attributes = { 'service.name': 'a "b"\n', list: ['x', null], on: true, left: undefined };
  const head = requestHead({ attributes, scope: { name: 'tributary', version: '1' } });
  const origin = { traceId, parentId, hasRemoteParent: true, traceState: 'v="1"' };
  const span = new Span(sink, 'infer "\\"', 'server', origin, 1.5);
  Object.assign(span.attributes, { rows: 3, share: 0.5 });
  span.stage('queue', 1.5, 2);
  span.isFailed = true;
  span.end(2.25);
  const waited = new SpanColumns();
  waited.add(span);
  const json = [...waited.spans()].map((ended) => spanToJson(ended, sink.ids, 1_764_000_000_000)).join();
  const { resourceSpans } = JSON.parse(head + json + requestTail) as {
    resourceSpans: unknown[];
  };
  const times = (startTimeUnixNano: string, endTimeUnixNano: string) => ({ startTimeUnixNano, endTimeUnixNano });
  const shared = { traceId, traceState: 'v="1"' };
  expect(resourceSpans).toEqual([
    {
      resource: {
        attributes: [
          { key: 'service.name', value: { stringValue: 'a "b"\n' } },
          { key: 'list', value: { arrayValue: { values: [{ stringValue: 'x' }, {}] } } },
          { key: 'on', value: { boolValue: true } },
        ],
      },
      scopeSpans: [
        {
          scope: { name: 'tributary', version: '1' },
          spans: [
            {
              ...{ ...shared, spanId: span.spanId, parentSpanId: parentId, flags: 0x301, name: 'infer "\\"', kind: 2 },
              ...times('1764000000001500000', '1764000000002250000'),
              attributes: [
                { key: 'rows', value: { intValue: 3 } },
                { key: 'share', value: { doubleValue: 0.5 } },
              ],
              status: { code: 2 },
            },
            {
              ...{ ...shared, parentSpanId: span.spanId, flags: 0x101, name: 'queue', kind: 1 },
              spanId: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
              ...times('1764000000001500000', '1764000000002000000'),
              attributes: [],
              status: { code: 0 },
            },
          ],
        },
      ],
    },
  ]);
});
