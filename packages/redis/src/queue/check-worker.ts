import { ImageError, type ImageClient } from '@holodeck/core';
import { type Lane } from '@holodeck/core/backend';
import type { ImageWorkerOptions } from './worker-options.ts';

/** The numbers of `ImageWorkerOptions`, checked, with defaults filled in. Durations are in milliseconds. */
export interface ResolvedWorkerOptions {
  readonly limit: number;
  readonly ahead: number;
  readonly lockMs: number;
  readonly stalledIntervalMs: number;
  readonly maxTakeOvers: number;
  readonly keepFinishedMs: number;
}

/** @throws {ImageError} kind `invalid-request` for a number out of range. */
export function resolveWorkerOptions(options: ImageWorkerOptions): ResolvedWorkerOptions {
  const { concurrency, limit = Number.POSITIVE_INFINITY, ahead = 1, lockMs = 3000 } = options;
  const { stalledIntervalMs = 500, maxTakeOvers = 100, keepFinishedMs = 86_400_000 } = options;
  const resolved = { limit, ahead, lockMs, stalledIntervalMs, maxTakeOvers, keepFinishedMs };
  if (options.limit !== undefined) checkWhole('limit', limit, 1);
  if (concurrency !== undefined) checkWhole('concurrency', concurrency, 1);
  checkWhole('ahead', ahead, 0);
  checkWhole('maxTakeOvers', maxTakeOvers, 0);
  for (const name of ['lockMs', 'stalledIntervalMs', 'keepFinishedMs'] as const) checkWhole(name, resolved[name], 1);
  return resolved;
}

/** The lane whose queue is worked on. @throws {ImageError} kind `invalid-request` when it cannot be told. */
export function checkedLane({ client, lane }: ImageWorkerOptions): Lane {
  const { lanes, name } = client.backend;
  const chosen = lane === undefined ? lanes[0] : lanes.find(({ id }) => id === lane.id);
  if (chosen === undefined)
    throw invalid(`The backend ${name} has no lane ${lane?.id ?? ''}. It has ${lanes.map(({ id }) => id).join(', ')}.`);
  if (lane === undefined && lanes.length > 1) {
    throw invalid(
      `The backend ${name} has ${lanes.length} lanes. Say which one this worker is for (lane), and start one for each.`,
    );
  }
  return chosen;
}

/** @throws {ImageError} kind `invalid-request` for a client whose work would be lost with its process. */
export async function checkClient(client: ImageClient): Promise<void> {
  const store = await client.openStore();
  if (!store.durable) {
    throw invalid('The client of a worker needs a store that outlives it: pass store: await openRedisStore({ url }).');
  }
  if (client.outputDir === undefined) {
    throw invalid(
      'The client of a worker needs an outputDir: a folder that all machines reach, or any folder beside an archive. Images are files there.',
    );
  }
}

function checkWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw invalid(`The option ${name} is ${String(value)}; it must be a whole number from ${least}.`);
}

function invalid(message: string): ImageError {
  return new ImageError({ kind: 'invalid-request', outcome: 'not-submitted', message });
}
