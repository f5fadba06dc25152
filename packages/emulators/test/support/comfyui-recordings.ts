import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Recordings of a real server; `RECORDINGS_DIR` names another place. They are not part of this repository. */
const folder = resolve(
  process.env['RECORDINGS_DIR'] ?? resolve(import.meta.dirname, '../../../../../shared/recordings/comfyui'),
);

/** Undefined when the recordings are there; else why nothing can be compared. */
export function missingRecordings(): string | undefined {
  return existsSync(join(folder, '01-prompt-ok-invalid-cached.txt'))
    ? undefined
    : `NOT RUN: no recordings of a real ComfyUI at ${folder}; set RECORDINGS_DIR to compare the emulator with them.`;
}

/** The text of one case: what stands below its heading, up to the next. */
export function recordedCase(file: string, heading: string): string {
  const text = readFileSync(join(folder, file), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(heading));
  if (section === undefined) throw new Error(`${file} has no case "${heading}"`);
  return section;
}

export function recordedFile(file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

/** A message as something to compare: ids by order of appearance, no times. */
export class Normaliser {
  readonly #ids: string[] = [];

  line(type: string, data: Record<string, unknown>): string {
    if (type === 'progress_state') return `progress_state ${this.#states(data['nodes'])}`;
    const { timestamp, ...rest } = data;
    const withTime = timestamp === undefined ? rest : { ...rest, timestamp: 'T' };
    return `${type} ${this.#replaceIds(JSON.stringify(sortKeys(withTime)))}`;
  }

  #replaceIds(text: string): string {
    return text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => {
      if (!this.#ids.includes(id)) this.#ids.push(id);
      return `<prompt ${this.#ids.indexOf(id) + 1}>`;
    });
  }

  #states(nodes: unknown): string {
    return Object.entries(nodes as Record<string, { value: number; max: number; state: string }>)
      .map(([id, node]) => `${id}:${node.state}:${node.value}/${node.max}`)
      .sort()
      .join(' ');
  }
}

function sortKeys(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const volatileFields = ['traceback', 'current_inputs', 'current_outputs', 'exception_message', 'executed'];

/** Fields whose content is Python's own (tensors, paths, sets without an order) are compared by their presence. */
export function withoutVolatile(data: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, volatileFields.includes(name) ? 'any' : value]),
  );
}

/** The recorded messages of one socket (the lines below `--- label`), normalised. */
export function recordedStream(section: string, label: string): string[] {
  const normaliser = new Normaliser();
  const block = section
    .split(/^--- /m)
    .find((part) => part.startsWith(`${label}\n`) || part.startsWith(`${label}(`) || part.startsWith(label));
  if (block === undefined) throw new Error(`no socket "${label}"`);
  const lines: string[] = [];
  for (const line of block.split('\n').slice(1)) {
    const match = /^\s*\d+ (.*)$/.exec(line);
    if (match === null) {
      if (line !== '' && lines.length > 0) break;
      continue;
    }
    const rest = match[1]!;
    if (rest === 'OPEN' || rest.startsWith('CLOSE')) continue;
    lines.push(normaliseRecorded(rest, normaliser));
  }
  return lines;
}

function normaliseRecorded(text: string, normaliser: Normaliser): string {
  const short = /^BIN (ev\d)$/.exec(text);
  if (short !== null) return `BIN ${short[1]}`;
  if (/^progress_state \d/.test(text))
    return `progress_state ${text.slice('progress_state '.length).split(' ').sort().join(' ')}`;
  const parsed = parseCut(text.slice(text.indexOf('{')));
  if (parsed['binary'] === true) return `BIN ev${String(parsed['event'])}`;
  const type = text.startsWith('{') ? String(parsed['type']) : text.slice(0, text.indexOf(' '));
  const data = text.startsWith('{') ? (parsed['data'] as Record<string, unknown>) : parsed;
  const line = normaliser.line(type, withoutVolatile(data));
  return type === 'progress_state' && data['cut'] === true ? `${line} ...` : line;
}

/** Long lines of the recordings are cut: of those, what can be told without their end. */
function parseCut(json: string): Record<string, unknown> {
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    const type = /"type":"([a-z_]+)"/.exec(json)?.[1] ?? 'unreadable';
    const field = (name: string): string | undefined => new RegExp(`"${name}":"([^"]*)"`).exec(json)?.[1];
    if (type === 'progress_state') {
      const nodes = json.matchAll(/"(\d+)":\{"value":(\d+),"max":(\d+),"state":"(\w+)"/g);
      const states = [...nodes].map(([, id, value, max, state]) => [id, { value, max, state }]);
      return { type, data: { prompt_id: field('prompt_id'), nodes: Object.fromEntries(states), cut: true } };
    }
    return {
      type,
      data: { prompt_id: field('prompt_id'), node_id: field('node_id'), node_type: field('node_type'), cut: true },
    };
  }
}
