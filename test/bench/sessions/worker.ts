/** Makes the pictures of two scenes, the second with warm code, and sends the figures: `worker.ts <plan as JSON>`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createComfyUIBackend } from '@holodeck/comfyui';
import { ImageClient } from '@holodeck/core';
import { createHybridClient } from '@holodeck/hybrid';
import { startMeasuring } from '../support/process-figures.ts';
import type { ProcessFigures } from '../support/process-figures.ts';

/** What the process makes. */
export interface SessionPlan {
  readonly url: string;
  /** The pictures alone, a session with them, or a session that also cuts its cards out. */
  readonly kind: 'images' | 'session' | 'session with cards';
}

/** Of one scene and its objects. */
export interface SessionFigures {
  readonly first: ProcessFigures;
  readonly warm: ProcessFigures;
}

const { url, kind } = JSON.parse(process.argv[2] ?? '') as SessionPlan;
const names = ['lamp', 'chair', 'table', 'vase', 'clock', 'mirror', 'book', 'kettle'];
const objects = names.map((name) => ({ id: name, name, description: `a plain ${name}` }));
const outputDir = await mkdtemp(join(tmpdir(), 'holodeck-bench-'));
const backend = createComfyUIBackend({ url });

async function makeImages(scene: string): Promise<void> {
  const client = new ImageClient(backend, { outputDir });
  const task = (name: string) => ({
    prompt: `${name}, ${scene}`,
    size: '1024x1024',
    taskId: `${scene} ${name}`,
    outputPath: `${scene}/${name}.png`,
  });
  await client.generateOrThrow(task('a tidy room'));
  for (const made of await client.generateBatch(names.map(task))) if (!made.success) throw made.error;
}

async function makeSession(sessionId: string): Promise<void> {
  const client = createHybridClient({
    backends: [backend],
    outputDir,
    ...(kind === 'session' ? { cards: false } : {}),
  });
  const scene = await client.generateSceneReference({ sessionId, sceneText: `a tidy room, ${sessionId}` });
  if (!scene.success) throw scene.error;
  for (const made of await client.generateObjectCards({ sessionId, objects })) if (!made.success) throw made.error;
}

async function measureScene(name: string): Promise<ProcessFigures> {
  const measured = startMeasuring();
  await (kind === 'images' ? makeImages(name) : makeSession(name));
  return measured();
}

try {
  const figures: SessionFigures = { first: await measureScene('first'), warm: await measureScene('warm') };
  process.send?.(figures);
} finally {
  await rm(outputDir, { recursive: true, force: true });
}
// The clients are still open: closing them would close their backend, which both scenes share.
process.exit(0);
