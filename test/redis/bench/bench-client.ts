import { ImageClient, type ImageClientOptions } from '@holodeck/core';
import { type Lane } from '@holodeck/core/backend';
import { ScriptedBackend } from '../../../packages/core/test/support/scripted-backend.ts';

/** Duration of a job at the bench's provider, in milliseconds. */
export const jobMs = 5;

/** The one lane of the bench, in every process. */
export const benchLane: Lane = { id: 'scripted/bench', label: 'bench', defaultMaxConcurrent: 1 };

/** A client of a provider inside the process, so that only the client, its store and the queue are measured. */
export function createBenchClient(options: ImageClientOptions): ImageClient {
  return new ImageClient(new ScriptedBackend({ limit: 1000, jobMs, lane: benchLane }), options);
}
