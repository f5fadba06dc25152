import type { TaskRow, TaskRowId } from '@holodeck/core/stores';
import { decodeTaskRow, type EncodedTaskRow } from '@holodeck/core/stores';
import type { RedisReply } from '../connection/redis-connection.ts';

const numbers: ReadonlySet<string> = new Set<keyof EncodedTaskRow>([
  'attempt',
  'createdAtMs',
  'acceptedAtMs',
  'endedAtMs',
  'updatedAtMs',
  'revision',
  'paid',
]);

/** Columns that are absent in a hash when they are null. */
const nothing = {
  outputPath: null,
  owner: null,
  handle: null,
  images: null,
  error: null,
  warnings: null,
  usage: null,
  metadata: null,
  acceptedAtMs: null,
  endedAtMs: null,
};

/** A task's part of a key: JSON, so that two pairs of ids never give the same key. */
export function taskKeyOf(scope: string, taskId: string): string {
  return JSON.stringify([scope, taskId]);
}

/** A row's part of a key. */
export function memberOf({ scope, taskId, requestHash, attempt }: TaskRowId): string {
  return `${taskKeyOf(scope, taskId)}/${requestHash}/${attempt}`;
}

/** Names and values of a hash, without nulls. */
export function fieldsOf(columns: Readonly<Record<string, string | number | null>>): (string | number)[] {
  return Object.entries(columns).flatMap(([name, value]) => (value === null ? [] : [name, value]));
}

/** A row from the names and values of its hash; undefined if it is empty. */
export function encodedRowOf(reply: RedisReply): EncodedTaskRow | undefined {
  const fields = reply as readonly string[] | null;
  if (fields === null || fields.length === 0) return undefined;
  const row: Record<string, unknown> = { ...nothing };
  for (let index = 0; index < fields.length; index += 2) {
    const name = fields[index] ?? '';
    const value = fields[index + 1];
    row[name] = numbers.has(name) ? Number(value) : value;
  }
  return row as unknown as EncodedTaskRow;
}

export function rowOf(reply: RedisReply): TaskRow | undefined {
  const encoded = encodedRowOf(reply);
  return encoded === undefined ? undefined : decodeTaskRow(encoded);
}
