import type { MetricDefinition, MetricDefinitions } from './define-metrics';

/** A section of docs/metrics.md: one table of metrics. */
export function renderMetricsMarkdown(title: string, about: string, definitions: MetricDefinitions): string {
  const rows = Object.values(definitions).map(
    (definition) =>
      `| \`${definition.name}\` | ${definition.type} | ${labelsOf(definition)} | ${definition.help.replaceAll('|', '\\|')} |`,
  );
  return `## ${title}

${about}

| metric | type | labels | |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function labelsOf({ labels = [] }: MetricDefinition): string {
  return labels.map((label) => `\`${label}\``).join(', ');
}
