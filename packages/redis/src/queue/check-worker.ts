import { stat } from 'node:fs/promises';
import { invalidRequest, type Lane } from '@holodeck/core/backend';
import { say } from './queue-messages.ts';
import type { ImageWorkerOptions } from './worker-options.ts';

/** The numbers of `ImageWorkerOptions`, checked, with their defaults. Durations are in milliseconds. */
export interface ResolvedWorkerOptions {
  readonly limit: number;
  readonly ahead: number;
  readonly lockMs: number;
  readonly stalledIntervalMs: number;
  readonly keepFinishedMs: number;
}

/** @throws {ImageError} kind `invalid-request` for a number out of range. */
export function resolveWorkerOptions(options: ImageWorkerOptions): ResolvedWorkerOptions {
  const { concurrency, limit = Number.POSITIVE_INFINITY, ahead = 1, lockMs = 10_000 } = options;
  const { stalledIntervalMs = 500, keepFinishedMs = 86_400_000 } = options;
  const resolved = { limit, ahead, lockMs, stalledIntervalMs, keepFinishedMs };
  if (options.limit !== undefined) checkWhole('limit', limit, 1);
  if (concurrency !== undefined) checkWhole('concurrency', concurrency, 1);
  checkWhole('ahead', ahead, 0);
  for (const name of ['lockMs', 'stalledIntervalMs', 'keepFinishedMs'] as const) checkWhole(name, resolved[name], 1);
  return resolved;
}

/** The lane that the worker serves. @throws {ImageError} kind `invalid-request` when the options do not decide it. */
export function checkedLane({ client, lane }: ImageWorkerOptions): Lane {
  const { lanes, name } = client.backend;
  const chosen = lane === undefined ? lanes[0] : lanes.find(({ id }) => id === lane.id);
  if (chosen === undefined)
    throw invalidRequest(
      say('lane-unknown', { backend: name, lane: lane?.id ?? '', lanes: lanes.map(({ id }) => id).join(', ') }),
    );
  if (lane === undefined && lanes.length > 1)
    throw invalidRequest(say('lane-several', { backend: name, count: lanes.length }));
  return chosen;
}

/**
 * The folder of files that tasks may name. @throws {ImageError} kind `invalid-request` for a client whose work would be lost
 * with its process, and for a folder that does not exist.
 */
export async function checkFolders({ client, allowReferences }: ImageWorkerOptions): Promise<string> {
  const store = await client.openStore();
  if (!store.durable) throw invalidRequest(say('worker-store'));
  if (client.outputDir === undefined) throw invalidRequest(say('worker-folder'));
  if (allowReferences === undefined) return client.outputDir;
  try {
    if ((await stat(allowReferences)).isDirectory()) return allowReferences;
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? '';
    throw invalidRequest(say('references-folder', { folder: allowReferences, reason }), { cause });
  }
  throw invalidRequest(say('references-folder', { folder: allowReferences, reason: 'ENOTDIR' }));
}

function checkWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw invalidRequest(say('number-least', { name, value: String(value), least }));
}
