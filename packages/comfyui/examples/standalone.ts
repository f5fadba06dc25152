import { createComfyUIClient } from '@holodeck/comfyui';

// Reads COMFYUI_URL, and if set COMFYUI_WORKFLOW, COMFYUI_CHECKPOINT and COMFYUI_HEADERS.
const client = createComfyUIClient({ outputDir: process.argv[2] ?? 'output' });

const result = await client.generate({
  prompt: 'a noodle bar on a rainy night, neon signs reflected in the wet street',
  negativePrompt: 'text, watermark',
  size: '512x512',
  outputPath: 'noodle-bar.png',
});

if (result.success) {
  const [image] = result.images;
  console.log(`${image.path} (${image.width}x${image.height}, seed ${image.seed})`);
} else {
  console.error(`${result.error.kind}, ${result.error.outcome}: ${result.error.message}`);
  process.exitCode = 1;
}
await client.close();
