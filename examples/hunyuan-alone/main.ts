import { createHunyuanClient } from '@holodeck/hunyuan';

// Reads HUNYUAN_SECRET_ID and HUNYUAN_SECRET_KEY; HUNYUAN_ENDPOINT can be an emulator.
const [prompt = '雨夜的面馆，暖黄的灯光', outputDir = 'output'] = process.argv.slice(2);
try {
  const client = createHunyuanClient({ outputDir });
  try {
    const { images, source } = await client.generateOrThrow({ prompt, size: '1280x720', outputPath: 'image.png' });
    console.log(`${images[0].path} (${images[0].width}x${images[0].height}, ${source})`);
  } finally {
    await client.close();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
