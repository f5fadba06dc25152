import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where a report is. */
export function reportFile(name: string, extension: 'json' | 'md'): string {
  return fileURLToPath(new URL(`../../../artifacts/${name}.${extension}`, import.meta.url));
}

/** Writes `artifacts/<name>.json` and `artifacts/<name>.md`. */
export async function writeReport(name: string, figures: unknown, markdown: string): Promise<void> {
  const file = reportFile(name, 'json');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(figures, null, 2)}\n`);
  await writeFile(reportFile(name, 'md'), markdown);
}

/** A table in Markdown. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
