import { createHybridClientFromEnv, objectIdFromName, readManifest } from '@holodeck/hybrid';

// What a scene analyser found in the text.
const sceneText = '雨夜的面馆';
const found = [
  { name: '面碗', description: '青花大碗，冒着热气的牛肉面' },
  { name: 'paper lantern', description: 'red paper lantern with a wooden frame' },
];

// Hunyuan, OpenAI and ComfyUI, in this order, if the environment configures them.
const client = createHybridClientFromEnv({ outputDir: process.argv[2] ?? 'output' });
const sessionId = 'noodle-bar';

const reference = await client.generateSceneReference({ sessionId, sceneText, style: '水彩' });
if (!reference.success) throw reference.error;
console.log(`${reference.path} by ${reference.backend}, ${reference.source}`);

const objects = found.map((object) => ({ id: objectIdFromName(object.name), ...object }));
const cards = await client.generateObjectCards({ sessionId, objects });
for (const card of cards) {
  if (card.success) console.log(`${card.path}, gate: ${card.gate?.status}`);
  else console.error(`${card.name}: ${card.error.message}`);
}

// What the image-to-3D stage reads.
const folder = await client.session(sessionId).folder;
const manifest = await readManifest(folder);
for (const asset of manifest.assets) {
  if (asset.kind === 'card' && asset.state === 'current')
    console.log(`to 3D: ${asset.path} ${asset.sha256?.slice(0, 8)}`);
}
await client.close();
