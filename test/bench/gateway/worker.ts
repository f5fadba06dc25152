/**
 * Runs the library or a gateway in this process: `worker.ts <plan as JSON>`. Sends a gateway's address, or an empty one. Then a
 * number makes so many images with the library, `start` starts a measurement, and `end` asks for its figures.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageClient } from '@holodeck/core';
import { startGateway } from '@holodeck/gateway';
import { createOpenAIBackend } from '@holodeck/openai';
import { startMeasuring } from '../support/process-figures.ts';
import type { ProcessFigures } from '../support/process-figures.ts';
import { inPool } from '../support/worker-pool.ts';

/** What the process runs. */
export interface GatewayPlan {
  readonly url: string;
  readonly apiKey: string;
  readonly isGateway: boolean;
  /** Images at once. */
  readonly width: number;
}

/** What the process is asked for. */
export type GatewayMessage = number | 'start' | 'end';

const { url, apiKey, isGateway, width } = JSON.parse(process.argv[2] ?? '') as GatewayPlan;
const folder = mkdtempSync(join(tmpdir(), 'holodeck-bench-'));
const backend = createOpenAIBackend({ apiKey, profile: 'sdcpp', baseURL: `${url}/v1` });
const client = { maxConcurrent: width };
let index = 0;

async function makeWithLibrary(library: ImageClient, count: number): Promise<void> {
  await inPool(Array.from({ length: count }), width, async () => {
    index += 1;
    const task = { prompt: 'a lamp', size: '64x64', taskId: `task-${index}`, outputPath: `${index}.png` };
    await library.generateOrThrow(task);
  });
}

const library = isGateway ? undefined : new ImageClient(backend, { ...client, outputDir: folder, stateDir: folder });
const gateway = isGateway
  ? await startGateway({ backends: [{ name: 'openai', load: async () => backend, client }], outputDir: folder })
  : undefined;
let measured = startMeasuring();

async function answer(message: GatewayMessage): Promise<ProcessFigures | 'done'> {
  if (message === 'end') return measured();
  if (message === 'start') measured = startMeasuring();
  else if (library !== undefined) await makeWithLibrary(library, message);
  return 'done';
}

process.on('message', (message: GatewayMessage) => {
  answer(message).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
process.send?.(gateway?.url ?? '');
