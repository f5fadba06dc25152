import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inspectImage, isLegalOutcome } from '@holodeck/core/backend';
import { openStoreForFolder } from '@holodeck/core/stores';
import type { GenerationResult } from '@holodeck/core';
import { EventClock } from './event-clock.ts';
import type { Play, World } from './fault-row.ts';
import { createClient } from './services.ts';
import type { FaultyService } from './services.ts';
import { SmallDisk } from './small-disk.ts';

/** How a play ended, in the form of `Play.ends`, and what must never happen. */
export interface PlayReport {
  readonly ends: string;
  readonly again: string;
  /** Messages of the errors. */
  readonly messages: readonly string[];
  /** Violations of the rules for every fault; empty if there are none. */
  readonly violations: readonly string[];
}

/** Runs a task into a fault, then the same task again as another process would. */
export async function runPlay(service: FaultyService, play: Play, needsDisk: boolean): Promise<PlayReport> {
  const disk = needsDisk ? new SmallDisk() : undefined;
  const parent = disk?.path ?? (await mkdtemp(join(tmpdir(), 'holodeck-faults-')));
  const world: World = { service, clock: new EventClock(), folder: join(parent, 'out'), disk };
  const violations: string[] = [];
  const messages: string[] = [];
  try {
    service.reset();
    service.setFaults(play.faults ?? []);
    service.setImageBytes(play.imageBytes);
    await play.before?.(world);
    const first = await run(world, play, true);
    service.setFaults([]);
    await play.repair?.(world);
    // Read it only now: a store that is locked, or on a full disk, cannot be opened.
    const firstRow = await rowState(world.folder);
    const second = await run(world, play, false);
    const secondRow = await rowState(world.folder);
    for (const { result } of [first, second]) {
      if (result.success) continue;
      const { error } = result;
      messages.push(error.message);
      if (!isLegalOutcome(error.kind, error.outcome)) violations.push(`${error.kind} with ${error.outcome}`);
      violations.push(...leaks(`${error.message} ${JSON.stringify(error)}`, service.secrets, 'the error'));
    }
    violations.push(...(await inspectFolder(world)));
    return { ends: words(first, firstRow), again: words(second, secondRow), messages, violations };
  } finally {
    service.reset();
    disk?.remove();
    if (disk === undefined) await rm(parent, { recursive: true, force: true });
  }
}

interface RunReport {
  readonly result: GenerationResult;
  readonly sent: number;
  readonly taken: number;
}

function words({ result, sent, taken }: RunReport, row: string): string {
  const end = result.success ? 'image' : `${result.error.kind}:${result.error.outcome}`;
  return `${end} ${row} ${sent}/${taken}`;
}

async function run(world: World, play: Play, isFirst: boolean): Promise<RunReport> {
  const { service, clock, folder } = world;
  const before = { sent: service.ledger.submissions, taken: service.ledger.accepted };
  const client = createClient(service, clock, folder, isFirst ? await play.options?.(world) : {});
  const over = new AbortController();
  let isDue = isFirst;
  if (isFirst && play.struck !== undefined) {
    const { kind, act } = play.struck;
    void whenStruck(world, kind, over.signal, () => act(world));
  }
  let result: GenerationResult;
  try {
    result = await client.generate(
      {
        ...service.task,
        ...(play.prompt === undefined ? {} : { prompt: play.prompt }),
        taskId: 'lamp',
        outputPath: 'lamp.png',
      },
      {
        onProgress: (event) => {
          if (!isDue || event.type !== 'state' || event.state !== play.at?.state) return;
          isDue = false;
          play.at.act(world);
        },
      },
    );
  } finally {
    over.abort();
    await client.close();
  }
  const { ledger } = service;
  // A service that restarted counts from 0.
  const sent = ledger.submissions - (ledger.submissions < before.sent ? 0 : before.sent);
  const taken = ledger.accepted - (ledger.accepted < before.taken ? 0 : before.taken);
  return { result, sent, taken };
}

async function whenStruck({ service }: World, kind: string, signal: AbortSignal, act: () => void): Promise<void> {
  while (!signal.aborted) {
    if ((service.ledger.faults[kind] ?? 0) > 0) return act();
    await delay(1);
  }
}

async function rowState(folder: string): Promise<string> {
  try {
    const store = await openStoreForFolder(folder);
    let state = '-';
    for await (const row of store.tasks.list({ latestOnly: true })) state = row.state;
    await store.close();
    return state;
  } catch {
    return '-';
  }
}

/** Every finished picture is whole, nothing unfinished is left, and no file has a secret. */
async function inspectFolder({ folder, service }: World): Promise<string[]> {
  const violations: string[] = [];
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const file of files) {
    if (!file.isFile()) continue;
    const bytes = await readFile(join(file.parentPath, file.name));
    if (file.name.endsWith('.png') && inspectImage(bytes)?.complete !== true)
      violations.push(`${file.name} is not a whole picture`);
    if (file.name.endsWith('.part')) violations.push(`${file.name} was left behind`);
    violations.push(...leaks(bytes.toString('latin1'), service.secrets, file.name));
  }
  return violations;
}

function leaks(text: string, secrets: readonly string[], where: string): string[] {
  return secrets.filter((secret) => text.includes(secret)).map((secret) => `${where} shows ${secret}`);
}
