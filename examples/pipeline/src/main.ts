/**
 * From a sentence to `scene.glb`: a session of images, and a 3D scene built from its manifest.
 *
 *   node main.ts [--text "雨夜的面馆"] [--objects objects.json] [--session noodle-bar] [--out output] [--live]
 *
 * It runs on an emulator, or with `--live` on the services that the environment configures, which may cost money.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { createHybridClientFromEnv } from '@holodeck/hybrid';

import { readAnalysedScene } from './scene-objects.ts';
import { openConfiguredServices, openEmulatedServices } from './services.ts';
import type { Services } from './services.ts';
import { writeScene } from './write-scene.ts';

const optionTypes = {
  text: { type: 'string', default: '雨夜的面馆' },
  objects: { type: 'string', default: fileURLToPath(new URL('../objects.json', import.meta.url)) },
  session: { type: 'string', default: 'noodle-bar' },
  out: { type: 'string', default: 'output' },
  live: { type: 'boolean', default: false },
} as const;

/** Makes the session's images and writes the scene; false if an object has no card. */
async function makeScene(services: Services, options: ReturnType<typeof readOptions>): Promise<boolean> {
  const { style, objects, spaces } = await readAnalysedScene(options.objects);
  const sessionId = options.session;
  const client = createHybridClientFromEnv({ outputDir: options.out, environment: services.environment });
  try {
    const look = style === undefined ? {} : { style };
    const reference = await client.generateSceneReference({ sessionId, sceneText: options.text, ...look });
    if (!reference.success) throw reference.error;
    console.log(`${reference.path} by ${reference.backend}`);

    const cards = await client.generateObjectCards({ sessionId, objects });
    for (const card of cards) {
      if (card.success) console.log(`${card.path}, gate: ${card.gate?.status ?? 'not measured'}`);
      else console.error(`${card.name}: ${card.error.message}`);
    }
    const scene = await writeScene(await client.session(sessionId).folder, spaces);
    console.log(`${scene.path} with ${scene.objects.join(', ')}`);
    return cards.every(({ success }) => success);
  } finally {
    await client.close();
  }
}

function readOptions() {
  return parseArgs({ options: optionTypes }).values;
}

try {
  const options = readOptions();
  const services = options.live ? openConfiguredServices() : await openEmulatedServices();
  try {
    if (!(await makeScene(services, options))) process.exitCode = 1;
  } finally {
    await services.close();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
