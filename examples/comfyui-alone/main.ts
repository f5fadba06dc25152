import { createComfyUIClient } from '@holodeck/comfyui';

// Reads COMFYUI_URL, by default http://127.0.0.1:8188; it can be an emulator.
const [prompt = 'a noodle bar on a rainy night, warm yellow light', outputDir = 'output'] = process.argv.slice(2);
try {
  const client = createComfyUIClient({ outputDir });
  try {
    const { images, source } = await client.generateOrThrow({
      prompt,
      size: '512x512',
      seed: 7,
      outputPath: 'image.png',
    });
    console.log(`${images[0].path} (${images[0].width}x${images[0].height}, ${source})`);
  } finally {
    await client.close();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
