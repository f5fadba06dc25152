/** Reads and checks the input file of a batch as the service's validation does. */
import { isRecord } from '../../base/is-record.ts';
import type { BatchFault } from './batch.ts';

export interface InputLine {
  readonly customId: string;
  readonly body: Record<string, unknown>;
}

const maxLines = 50_000;

/** The lines, and what validation finds wrong with them. */
export function readBatchInput(
  text: string,
  endpoint: string,
): { readonly lines: readonly InputLine[]; readonly errors: readonly BatchFault[] } {
  const errors: BatchFault[] = [];
  const lines: InputLine[] = [];
  const ids = new Set<string>();
  const models = new Set<unknown>();
  const wrong = (line: number | null, code: string, message: string, param: string | null = null): void =>
    void errors.push({ code, line, message, param });
  for (const [index, content] of text.split('\n').entries()) {
    if (content.trim() === '') continue;
    const number = index + 1;
    const value = parse(content);
    if (value === undefined) wrong(number, 'invalid_json_line', 'This line is not parseable as valid JSON.');
    else if (typeof value['custom_id'] !== 'string')
      wrong(number, 'missing_required_parameter', "Missing required parameter: 'custom_id'.", 'custom_id');
    else if (ids.has(value['custom_id']))
      wrong(number, 'duplicate_custom_id', 'The custom_id is used by another line.', 'custom_id');
    else if (value['method'] !== 'POST') wrong(number, 'invalid_method', 'The method must be POST.', 'method');
    else if (value['url'] !== endpoint)
      wrong(number, 'invalid_url', `The URL must be the batch's endpoint, ${endpoint}.`, 'url');
    else if (!isRecord(value['body'])) wrong(number, 'invalid_body', 'The body must be an object.', 'body');
    else {
      ids.add(value['custom_id']);
      models.add(value['body']['model']);
      lines.push({ customId: value['custom_id'], body: value['body'] });
    }
  }
  if (lines.length > maxLines) wrong(null, 'too_many_tasks', `At most ${maxLines} requests fit into one batch.`);
  if (models.size > 1) wrong(null, 'mismatched_model', 'All requests of a batch must name the same model.');
  if (lines.length === 0 && errors.length === 0) wrong(null, 'empty_file', 'The input file has no request.');
  return { lines, errors };
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
