import { median } from './statistics.ts';
import { table } from './write-report.ts';

/** The result of one case. */
export interface BenchTable {
  readonly title: string;
  /** What was measured, and how, in one or two sentences. */
  readonly note: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** All values behind the rows. */
  readonly figures: unknown;
}

export function formatTable({ title, note, header, rows }: BenchTable): string {
  return `## ${title}\n\n${note}\n\n${table(header, rows)}\n`;
}

/** A median with the lowest and highest values. */
export function spread(values: readonly number[], digits = 1): string {
  if (values.length === 0) return '-';
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[0] as number, sorted.at(-1) as number];
  return `${median(sorted).toFixed(digits)} (${low.toFixed(digits)}-${high.toFixed(digits)})`;
}
