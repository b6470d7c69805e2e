/** Rows of texts as aligned columns; the first row is the head. */
export function renderTable(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  return [lines[0]!, widths.map((width) => '-'.repeat(width)).join('  '), ...lines.slice(1)];
}

export function fixed(value: number): string {
  return value.toFixed(2);
}

/** A time in microseconds, in the unit that reads best. */
export function cost(microseconds: number): string {
  return microseconds >= 1000 ? `${(microseconds / 1000).toFixed(1)} ms` : `${microseconds.toFixed(0)} us`;
}

/** Whole numbers where they are large, one decimal where they are small. */
export function rate(perSecond: number): string {
  return perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toFixed(1);
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
