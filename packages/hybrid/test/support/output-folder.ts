import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { HybridClient } from '../../src/index.ts';

const folders: string[] = [];
const clients: HybridClient[] = [];

/** A folder that is removed after the test. */
export async function outputFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holodeck-hybrid-'));
  folders.push(folder);
  return folder;
}

/** Closes a client after the test. */
export function closing(client: HybridClient): HybridClient {
  clients.push(client);
  return client;
}

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});
