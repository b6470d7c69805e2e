import { axisOver, type Axis, type Scale } from './axis';

/** A line through points, drawn in one of the colours. */
export interface Series {
  readonly name: string;
  readonly colour: 1 | 2 | 3;
  readonly dashed?: boolean;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Lines in one frame. */
export interface LinePanel {
  readonly kind: 'lines';
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly yScale?: Scale;
  readonly series: readonly Series[];
}

/** A bar, with a mark at what it is to reach. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly mark?: number;
}

/** Bars that lie, one below the other. */
export interface BarPanel {
  readonly kind: 'bars';
  readonly title: string;
  readonly x: string;
  readonly bars: readonly Bar[];
}

const panel = { width: 340, left: 56, right: 14, top: 44, plotHeight: 190, bottom: 62 };
const bars = { width: 640, left: 210, height: 22, gap: 8 };
const headHeight = 34;
const footHeight = 24;

// Readable on white and on black: the page's own colours are followed where the viewer tells them.
const style = `
    text { fill: #1f2328; font: 12px Helvetica, Arial, sans-serif; }
    .back { fill: #ffffff; }
    .title { font-size: 15px; font-weight: bold; }
    .panel { font-weight: bold; }
    .note, .tick { fill: #57606a; font-size: 11px; }
    .grid { stroke: #d0d7de; stroke-width: 1; }
    .line { fill: none; stroke-width: 2; }
    .dashed { stroke-dasharray: 5 4; }
    .s1 { stroke: #0969da; } .f1 { fill: #0969da; }
    .s2 { stroke: #bc4c00; } .f2 { fill: #bc4c00; }
    .s3 { stroke: #57606a; } .f3 { fill: #57606a; }
    .mark { stroke: #1f2328; stroke-width: 2; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .back { fill: #0d1117; }
      .note, .tick { fill: #9198a1; }
      .grid { stroke: #30363d; }
      .s1 { stroke: #58a6ff; } .f1 { fill: #58a6ff; }
      .s2 { stroke: #f0883e; } .f2 { fill: #f0883e; }
      .s3 { stroke: #9198a1; } .f3 { fill: #9198a1; }
      .mark { stroke: #e6edf3; }
    }
  `;

/** Panels beside each other under one title, with a line below that says where the figures come from. */
export function renderFigure(title: string, note: string, panels: readonly (LinePanel | BarPanel)[]): string {
  const sizes = panels.map(sizeOf);
  const width = sizes.reduce((sum, size) => sum + size.width, 0);
  const height = headHeight + Math.max(...sizes.map((size) => size.height)) + footHeight;
  let left = 0;
  const drawn = panels.map((one, index) => {
    const group = `<g transform="translate(${left} ${headHeight})">${one.kind === 'lines' ? lines(one) : lyingBars(one)}</g>`;
    left += sizes[index]!.width;
    return group;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">`,
    `<style>${style}</style>`,
    `<rect class="back" width="${width}" height="${height}"/>`,
    text(16, 23, title, 'title'),
    ...drawn,
    text(16, height - 9, note, 'note'),
    '</svg>',
    '',
  ].join('\n');
}

function sizeOf(one: LinePanel | BarPanel): { width: number; height: number } {
  return one.kind === 'lines'
    ? { width: panel.width, height: panel.top + panel.plotHeight + panel.bottom }
    : { width: bars.width, height: panel.top + one.bars.length * (bars.height + bars.gap) + panel.bottom / 2 };
}

function lines({ title, x, y, yScale = 'linear', series }: LinePanel): string {
  const width = panel.width - panel.left - panel.right;
  const bottom = panel.top + panel.plotHeight;
  const points = series.flatMap((one) => one.points);
  const across = axisOver(
    points.map(([value]) => value),
    'linear',
  );
  const up = axisOver(
    points.map(([, value]) => value),
    yScale,
  );
  const place = ([px, py]: readonly [number, number]): string =>
    `${round(panel.left + across.at(px) * width)},${round(bottom - up.at(py) * panel.plotHeight)}`;
  const parts = [text(16, 20, title, 'panel'), text(panel.left, 37, y, 'note'), ...grid(up, width, bottom)];
  for (const tick of across.ticks) {
    parts.push(text(panel.left + across.at(tick) * width, bottom + 16, short(tick), 'tick', 'middle'));
  }
  parts.push(text(panel.left + width / 2, bottom + 33, x, 'note', 'middle'));
  let legend = panel.left;
  for (const { name, colour, dashed, points: own } of series) {
    const drawn = yScale === 'log' ? own.filter(([, value]) => value > 0) : own;
    const dash = dashed === true ? ' dashed' : '';
    parts.push(`<polyline class="line s${colour}${dash}" points="${drawn.map(place).join(' ')}"/>`);
    parts.push(
      `<line class="line s${colour}${dash}" x1="${legend}" x2="${legend + 18}" y1="${bottom + 49}" y2="${bottom + 49}"/>`,
    );
    parts.push(text(legend + 23, bottom + 53, name, 'note'));
    legend += 36 + name.length * 6;
  }
  return parts.join('\n');
}

function grid(up: Axis, width: number, bottom: number): string[] {
  return up.ticks.flatMap((tick) => {
    const at = round(bottom - up.at(tick) * panel.plotHeight);
    return [
      `<line class="grid" x1="${panel.left}" x2="${panel.left + width}" y1="${at}" y2="${at}"/>`,
      text(panel.left - 6, at + 4, short(tick), 'tick', 'end'),
    ];
  });
}

function lyingBars({ title, x, bars: all }: BarPanel): string {
  const width = bars.width - bars.left - 60;
  const along = axisOver(
    all.flatMap(({ value, mark }) => [value, mark ?? 0]),
    'linear',
  );
  const bottom = panel.top + all.length * (bars.height + bars.gap);
  const parts = [text(16, 20, title, 'panel'), text(bars.left, 37, x, 'note')];
  for (const tick of along.ticks) {
    const at = round(bars.left + along.at(tick) * width);
    parts.push(`<line class="grid" x1="${at}" x2="${at}" y1="${panel.top}" y2="${bottom}"/>`);
    parts.push(text(at, bottom + 15, short(tick), 'tick', 'middle'));
  }
  all.forEach(({ name, value, mark }, index) => {
    const top = panel.top + index * (bars.height + bars.gap) + bars.gap / 2;
    const length = round(along.at(value) * width);
    parts.push(text(bars.left - 8, top + bars.height / 2 + 4, name, '', 'end'));
    parts.push(`<rect class="f1" x="${bars.left}" y="${top}" width="${length}" height="${bars.height}"/>`);
    const end = round(along.at(Math.max(value, mark ?? 0)) * width);
    parts.push(text(bars.left + end + 6, top + bars.height / 2 + 4, value.toFixed(2), 'note'));
    if (mark === undefined) return;
    const at = round(bars.left + along.at(mark) * width);
    parts.push(`<line class="mark" x1="${at}" x2="${at}" y1="${top - 2}" y2="${top + bars.height + 2}"/>`);
  });
  return parts.join('\n');
}

function text(x: number, y: number, content: string, kind: string, anchor = 'start'): string {
  return `<text class="${kind}" x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${escape(content)}</text>`;
}

/** `12000` -> `12k` */
function short(value: number): string {
  return value >= 10_000 ? `${value / 1000}k` : String(value);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
