import { createOpenAIClient } from '@holodeck/openai';

// Reads OPENAI_API_KEY, and where they are set OPENAI_BASE_URL, OPENAI_IMAGE_MODEL and OPENAI_PROFILE.
const client = createOpenAIClient({ outputDir: process.argv[2] ?? 'output' });

const result = await client.generate({
  prompt: 'A noodle bar on a rainy night, neon signs reflected in the wet street',
  size: '1536x1024',
  outputPath: 'noodle-bar.png',
  providerOptions: { openai: { quality: 'medium' } },
});

if (result.success) {
  console.log(`${result.images[0].path} (${result.images[0].width}x${result.images[0].height})`);
} else {
  console.error(`${result.error.kind}, ${result.error.outcome}: ${result.error.message}`);
  process.exitCode = 1;
}
await client.close();
