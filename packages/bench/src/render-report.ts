import type { Target } from './keys/key';
import type { FigureSide } from './measure/figures';
import type { Refusal, SideResult } from './measure/ratio';
import { renderPeers } from './peers/render-peers';
import type { Comparison } from './record/comparison';
import type { KeyReport, Report } from './report';
import { cost, fixed, percent, rate, renderTable } from './text-table';

/** Others that keep more than this of a core busy are in the way. */
const quietCores = 0.1;

/** The report as text: a table of ratios, then what stands behind each. */
export function renderReport(report: Report): string {
  const { machine, generator } = report;
  const rows = Object.entries(report.keys).map(([name, key]) => [
    name,
    `${fixed(key.ratio.median)} [${fixed(key.ratio.min)}, ${fixed(key.ratio.max)}]`,
    key.target === undefined ? '-' : renderTarget(key.target),
    key.verdict,
    key.comparison === undefined ? '-' : renderComparison(key.comparison, report.quick),
  ]);
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGigabytes} GB, ${machine.system}; ` +
      `Node ${report.node}, commit ${report.commit}${report.quick ? '; quick: the figures are worth little' : ''}`,
    `load generator at its best: ${rate(generator.callsPerSecond)} calls/s at ` +
      `${percent(generator.coreShare)} of a core, ${generator.cpuMicrosecondsPerCall.toFixed(0)} us of CPU a call`,
    ...renderOthers(report),
    '',
    ...renderTable([['key', 'median [min, max]', 'target', 'verdict', 'recorded'], ...rows]),
    ...renderPeers(report.keys),
    ...Object.entries(report.keys).flatMap(([name, key]) => ['', ...renderKey(name, key)]),
    ...Object.entries(report.failures).flatMap(([name, failure]) => ['', `${name}: not measured: ${failure}`]),
  ].join('\n');
}

function renderOthers({ keys, machine }: Report): string[] {
  const most = Math.max(0, ...Object.values(keys).map(({ othersCores }) => othersCores ?? 0));
  return most > quietCores
    ? [
        `other processes kept up to ${fixed(most)} of ${machine.cores} cores busy meanwhile: measure again when they are gone`,
      ]
    : [];
}

function renderKey(name: string, key: KeyReport): string[] {
  const lines = [`${name}: ${key.meaning}`, `  ${renderSide(key.numerator)}`];
  if (key.denominator !== undefined) lines.push(`  ${renderSide(key.denominator)}`);
  if (key.openLoop !== undefined) {
    const { callsPerSecond, p50Ms, p99Ms } = key.openLoop;
    lines.push(`  open loop at ${rate(callsPerSecond)}/s: p50 ${fixed(p50Ms)} ms, p99 ${fixed(p99Ms)} ms`);
  }
  for (const { name: arrangement, perSecond, best } of key.arrangements ?? []) {
    lines.push(`  bare, ${arrangement}: ${rate(perSecond)}/s${best ? ' (best, taken)' : ''}`);
  }
  for (const note of key.notes ?? []) lines.push(`  ${note}`);
  return [...lines, ...key.refusals.map((refusal: Refusal) => `  REFUSED: ${refusal.text}`)];
}

function renderSide(side: SideResult | FigureSide): string {
  if ('milliseconds' in side) {
    const { median, min, max } = side.milliseconds;
    return `${side.name}: ${milliseconds(median)} ms [${milliseconds(min)}, ${milliseconds(max)}]`;
  }
  if ('megabytes' in side) {
    const { median, min, max } = side.megabytes;
    return `${side.name}: ${median.toFixed(1)} MB [${min.toFixed(1)}, ${max.toFixed(1)}]`;
  }

  const { median, min, max } = side.perSecond;
  let text = `${side.name}: ${rate(median)}/s [${rate(min)}, ${rate(max)}]`;
  if (side.cpuUsPerAnswer !== undefined) text += `, ${cost(side.cpuUsPerAnswer)} of CPU an answer`;
  if (side.p50Ms !== undefined && side.p99Ms !== undefined) {
    text += `, p50 ${fixed(side.p50Ms)} ms, p99 ${fixed(side.p99Ms)} ms`;
  }
  if (side.generatorCoreShare !== undefined) text += `, generator ${percent(side.generatorCoreShare)} of a core`;
  return text;
}

/** Whole ones where they are many. */
function milliseconds(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}

/** A quick run shows how far off it is, and judges nothing. */
function renderComparison({ recorded, change, verdict }: Comparison, quick: boolean): string {
  const sign = change >= 0 ? '+' : '-';
  const by = `${fixed(recorded.median)} on ${recorded.date}: ${sign}${percent(Math.abs(change))}`;
  return quick ? by : `${by}, ${verdict}`;
}

function renderTarget({ value, bound }: Target): string {
  return `${bound === 'atLeast' ? '>=' : '<='} ${fixed(value)}`;
}
