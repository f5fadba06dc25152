import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createHybridClientFromEnv, readManifest } from '../src/index.ts';
import type { HybridClient, HybridEnvironmentOptions } from '../src/index.ts';
import { scene } from './support/hybrid.ts';
import {
  deadlineAfterSubmission,
  deadlineCauses,
  lockedServices,
  movingCauses,
  passingCauses,
} from './support/lock-causes.ts';
import type { CauseName, ServiceName } from './support/lock-causes.ts';
import { closing, outputFolder } from './support/output-folder.ts';
import { writeTable } from '../../../test/support/table-report.ts';

const policies = ['fail', 'wait', 'restart'] as const;

/** The backend that a session moves to when it leaves another. */
const nextOf: Readonly<Record<ServiceName, ServiceName>> = { hunyuan: 'openai', openai: 'comfyui', comfyui: 'hunyuan' };
const names = Object.keys(nextOf) as ServiceName[];

/** Causes that do not exist at a service. */
const absent: Readonly<Record<ServiceName, readonly CauseName[]>> = {
  hunyuan: [],
  openai: [],
  comfyui: ['no money left', 'content policy'],
};
const causes: readonly CauseName[] = [
  'service stopped',
  'key refused',
  'no money left',
  'content policy',
  'invalid request',
  'answer lost',
  'deadline passed',
  'job failed',
  'limits reached',
];

const rows: string[][] = [];
const cases = names.flatMap((name) =>
  causes
    .filter((cause) => !absent[name].includes(cause))
    .flatMap((cause) => policies.map((policy) => ({ name, cause, policy }))),
);

afterAll(async () => {
  if (rows.length < cases.length) return;
  await writeTable(
    'lock-policies.md',
    'A session with a scene reference is locked to the first backend; then something goes wrong with it, and a card is asked for. ' +
      `Cells: ${rows.length}, sessions with pictures of two backends: ${rows.filter((row) => row[6] !== '1').length}. ` +
      'ComfyUI has no notion of money or moderation.',
    [
      'locked to',
      'cause',
      'policy',
      'the card',
      'session after',
      'epoch',
      'backends among the current pictures',
      'next backend was sent',
    ],
    rows,
  );
});

function clientOf(environment: Readonly<Record<string, string>>, options: HybridEnvironmentOptions): HybridClient {
  return closing(
    createHybridClientFromEnv({ environment, cards: false, report: false, probeTimeoutMs: 30_000, ...options }),
  );
}

const driver = { maxAttempts: 1, maxPaidAttempts: 1, retryBaseMs: 1, retryMaxMs: 20, timeoutMs: 601_234 } as const;

describe('policies for a locked backend that fails', () => {
  test.each(cases)('$name, $cause, $policy', async ({ name, cause, policy }) => {
    const [locked, next] = await Promise.all([lockedServices[name](), lockedServices[nextOf[name]]()]);
    const environment = { ...locked.environment, ...next.environment, HOLODECK_BACKENDS: `${name},${nextOf[name]}` };
    const outputDir = await outputFolder();
    const before = clientOf(environment, { outputDir, client: driver });
    expect(await before.generateSceneReference(scene)).toMatchObject({ success: true, backend: name, epoch: 1 });
    await before.close();

    const strike = locked.causes[cause];
    if (strike === undefined) throw new Error(`${name} has no ${cause}.`);
    await strike();
    const client = clientOf(environment, {
      outputDir,
      onLockedBackendDown: policy,
      waitMs: 1,
      client: driver,
      ...(deadlineCauses.has(cause)
        ? { internal: { clock: deadlineAfterSubmission(locked, driver.timeoutMs, cause === 'limits reached') } }
        : {}),
    });
    const card = await client.generateObjectCard({ sessionId: scene.sessionId, object: { id: 'lamp', name: 'lamp' } });
    const lock = await client.session(scene.sessionId).lock;
    const waited = await eventTypes(client);
    const manifest = await readManifest(join(outputDir, scene.sessionId));
    const current = manifest.assets.filter(({ state }) => state === 'current');
    const backends = new Set(current.map(({ backend }) => backend));
    const after = lock.backend ?? 'none';
    rows.push([
      name,
      cause,
      policy,
      card.success ? `made by ${card.backend}` : `${card.error.kind}, ${card.error.outcome}`,
      after === name ? 'stays' : `moved to ${after}`,
      String(lock.epoch),
      String(backends.size),
      String(next.submissions()),
    ]);

    const moves = policy === 'restart' && movingCauses.has(cause);
    expect(lock).toMatchObject({ state: 'locked', backend: moves ? nextOf[name] : name, epoch: moves ? 2 : 1 });
    expect([...backends]).toEqual([moves ? nextOf[name] : name]);
    expect(next.submissions()).toBe(moves ? 2 : 0);
    expect(waited.includes('waiting')).toBe(policy === 'wait' && passingCauses.has(cause));
    expect(waited.includes('restart')).toBe(moves);
    // ComfyUI can be asked whether a submission arrived, so a lost answer costs nothing.
    const made = moves || (name === 'comfyui' && cause === 'answer lost');
    expect(card.success).toBe(made);
    if (card.success) return;
    expect(card.error.message.includes('Choices:')).toBe(
      movingCauses.has(cause) || (policy === 'wait' && passingCauses.has(cause)),
    );
  });
});

describe('wait', () => {
  test.each(names)('goes on when %s is back', async (name) => {
    const locked = await lockedServices[name]();
    const next = await lockedServices[nextOf[name]]();
    const environment = { ...locked.environment, ...next.environment, HOLODECK_BACKENDS: `${name},${nextOf[name]}` };
    const client = clientOf(environment, {
      outputDir: await outputFolder(),
      onLockedBackendDown: 'wait',
      waitMs: 600_000,
      client: driver,
    });
    const session = client.session(scene.sessionId);
    expect(await client.generateSceneReference(scene)).toMatchObject({ success: true, backend: name });
    await locked.stop();
    const card = client.generateObjectCard({ sessionId: scene.sessionId, object: { id: 'lamp', name: 'lamp' } });
    for await (const { type } of session.events()) if (type === 'waiting') break;
    const again = await locked.startAgain();
    expect(await card).toMatchObject({ success: true, backend: name, epoch: 1 });
    expect(again.accepted()).toBe(1);
    expect(next.submissions()).toBe(0);
  });
});

async function eventTypes(client: HybridClient): Promise<string[]> {
  const types: string[] = [];
  for await (const { type } of client.session(scene.sessionId).events({ follow: false })) types.push(type);
  return types;
}
