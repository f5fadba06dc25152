// A session in ESM: scene reference, a card, and the manifest with its published schema.
import { startHunyuanEmulator } from '@holodeck/emulators';
import { createHybridClientFromEnv, readManifest } from '@holodeck/hybrid';
import schema from '@holodeck/hybrid/manifest.schema.json' with { type: 'json' };

const emulator = await startHunyuanEmulator({ jobMs: 10 });
const client = createHybridClientFromEnv({
  outputDir: 'output-esm',
  environment: {
    HUNYUAN_ENDPOINT: emulator.url,
    HUNYUAN_SECRET_ID: emulator.credentials.secretId,
    HUNYUAN_SECRET_KEY: emulator.credentials.secretKey,
  },
});
const scene = await client.generateSceneReference({ sessionId: process.argv[2], sceneText: '雨夜的面馆' });
if (!scene.success) throw scene.error;
const object = { id: 'stool', name: '木凳', description: '一张老旧的圆木凳' };
const card = await client.generateObjectCard({ sessionId: process.argv[2], object });
if (!card.success) throw card.error;
const manifest = await readManifest(await client.session(process.argv[2]).folder);
console.log(JSON.stringify({ assets: manifest.assets.map(({ id, state }) => [id, state]), schema: schema.$schema }));
await client.close();
await emulator.close();
