import { createOpenAIClient } from '@holodeck/openai';

// Reads OPENAI_API_KEY; OPENAI_BASE_URL can be an emulator or a compatible server.
const [prompt = 'a noodle bar on a rainy night, warm yellow light', outputDir = 'output'] = process.argv.slice(2);
try {
  const client = createOpenAIClient({ outputDir });
  try {
    const { images, source } = await client.generateOrThrow({ prompt, size: '1024x1024', outputPath: 'image.png' });
    console.log(`${images[0].path} (${images[0].width}x${images[0].height}, ${source})`);
  } finally {
    await client.close();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
