import { shownSpans, type EndedSpan, type SpanKind, type Stage } from './span';

/**
 * Ended spans that wait for the collector, taken apart into two lists: texts, most of which all calls share, and plain numbers. As
 * objects, some thirty of a call, each collection of garbage would copy them for as long as they wait.
 */
export class SpanColumns {
  private readonly texts: string[] = [];
  private readonly numbers: number[] = [];
  private ownCount = 0;

  /** Spans that are shown: those that were added, and their stages. */
  get count(): number {
    return this.ownCount;
  }

  add(span: EndedSpan): void {
    const { name, kind, spanId, origin, startMs, endMs, isFailed, stages, attributes } = span;
    const { traceId, parentId, hasRemoteParent, traceState } = origin;
    const keys = Object.keys(attributes);
    this.texts.push(name, kind, spanId, traceId, parentId, traceState);
    this.numbers.push(startMs, endMs, Number(hasRemoteParent), Number(isFailed), stages.length, keys.length);
    for (const stage of stages) {
      this.texts.push(stage.name);
      this.numbers.push(stage.startMs, stage.endMs);
    }
    for (const key of keys) {
      const value = attributes[key]!;
      const isText = typeof value === 'string';
      this.texts.push(key, isText ? value : '');
      this.numbers.push(Number(isText), isText ? 0 : value);
    }
    this.ownCount += shownSpans(span);
  }

  /** The spans, in the order in which they were added. */
  *spans(): Generator<EndedSpan> {
    const texts = this.texts.values();
    const numbers = this.numbers.values();
    const text = (): string => texts.next().value!;
    const number = (): number => numbers.next().value!;
    for (let next = texts.next(); next.done !== true; next = texts.next()) {
      const name = next.value;
      const kind = text() as SpanKind;
      const [spanId, traceId, parentId, traceState] = [text(), text(), text(), text()];
      const [startMs, endMs] = [number(), number()];
      const hasRemoteParent = number() === 1;
      const isFailed = number() === 1;
      let [stagesLeft, attributesLeft] = [number(), number()];
      const stages: Stage[] = [];
      for (; stagesLeft > 0; stagesLeft--) stages.push({ name: text(), startMs: number(), endMs: number() });
      const attributes: Record<string, string | number> = {};
      for (; attributesLeft > 0; attributesLeft--) {
        const key = text();
        const [asText, isText, asNumber] = [text(), number() === 1, number()];
        attributes[key] = isText ? asText : asNumber;
      }
      const origin = { traceId, parentId, hasRemoteParent, traceState };
      yield { name, kind, spanId, origin, startMs, endMs, isFailed, stages, attributes };
    }
  }
}
