// Each backend alone, in CommonJS.
const { join } = require('node:path');

const { createComfyUIClient } = require('@holodeck/comfyui');
const { startComfyUIEmulator, startHunyuanEmulator, startOpenAIEmulator } = require('@holodeck/emulators');
const { createHunyuanClient } = require('@holodeck/hunyuan');
const { createOpenAIClient } = require('@holodeck/openai');

async function main(folder) {
  const hunyuan = await startHunyuanEmulator({ jobMs: 10 });
  const openai = await startOpenAIEmulator({ imageMs: 10 });
  const comfyui = await startComfyUIEmulator({ jobMs: 10 });
  const clients = [
    createHunyuanClient({ ...hunyuan.credentials, endpoint: hunyuan.url, outputDir: join(folder, 'hunyuan') }),
    createOpenAIClient({ apiKey: openai.apiKey, baseURL: openai.baseURL, outputDir: join(folder, 'openai') }),
    createComfyUIClient({ url: comfyui.url, outputDir: join(folder, 'comfyui') }),
  ];
  const made = {};
  for (const client of clients) {
    const { backend, images } = await client.generateOrThrow({ prompt: 'a brass desk lamp', size: '1024x1024' });
    made[backend] = `${images[0].width}x${images[0].height}`;
    await client.close();
  }
  console.log(JSON.stringify(made));
  await Promise.all([hunyuan.close(), openai.close(), comfyui.close()]);
}

void main(process.argv[2]);
