import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const artifacts = join(import.meta.dirname, '../../artifacts');

/** Writes a table as Markdown into the repository's `artifacts/`, where people and CI find the measurements. */
export async function writeTable(
  fileName: string,
  introduction: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<void> {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const table = [line(heads), line(heads.map(() => '---')), ...rows.map(line)];
  await mkdir(artifacts, { recursive: true });
  await writeFile(join(artifacts, fileName), `${introduction}\n\n${table.join('\n')}\n`);
}
