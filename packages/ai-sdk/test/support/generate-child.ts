/** Calls `generateImage` once, as the program of a user would, and prints how it ended. For tests that kill it. */
import { APICallError } from '@ai-sdk/provider';
import { createHunyuanClient } from '@holodeck/hunyuan';
import { createOpenAIClient } from '@holodeck/openai';
import { generateImage } from 'ai';

import { holodeckImageModel } from '../../src/index.ts';

const [service, outputDir = '.'] = process.argv.slice(2);
const client = service === 'hunyuan' ? createHunyuanClient({ outputDir }) : createOpenAIClient({ outputDir });
try {
  const { providerMetadata } = await generateImage({ model: holodeckImageModel(client), prompt: '一盏铜台灯' });
  console.log(JSON.stringify(providerMetadata['holodeck']?.images[0]));
} catch (error) {
  console.log(JSON.stringify(APICallError.isInstance(error) ? error.data : String(error)));
} finally {
  await client.close();
}
