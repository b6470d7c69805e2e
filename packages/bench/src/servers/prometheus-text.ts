/** One sample of the Prometheus text format. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** Samples of a scrape, in order; comments and lines that are no samples are left out. */
export function parseSamples(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const parts = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (parts === null) continue;
    const labels = new Map<string, string>();
    for (const [, label, value] of (parts[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
      labels.set(
        label!,
        value!.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped)),
      );
    }
    samples.push({ name: parts[1]!, labels, value: Number(parts[3]) });
  }
  return samples;
}

/** Sum over the samples of a name whose labels hold these values. */
export function sumOf(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>>): number {
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels.get(label) === value))
    .reduce((sum, sample) => sum + sample.value, 0);
}
