import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../artifacts/', import.meta.url));

/** Writes `artifacts/<name>.json` and `artifacts/<name>.md`, and prints the latter. */
export async function writeReport(name: string, figures: unknown, markdown: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}${name}.json`, `${JSON.stringify(figures, null, 2)}\n`);
  await writeFile(`${folder}${name}.md`, markdown);
  console.log(markdown);
}

/** A table in Markdown. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
