import { createOpenAIBackend } from '@holodeck/openai';
import { checkAndWrite } from './bare.ts';
import type { Contestant, ContestantSettings } from './contestant.ts';
import { driven } from './ours.ts';

const model = 'gpt-image-2';

function key({ apiKey }: ContestantSettings): { apiKey: string } {
  if (apiKey === undefined) throw new Error('There is no API key.');
  return { apiKey };
}

export const openaiContestants: Readonly<Record<string, (settings: ContestantSettings) => Promise<Contestant>>> = {
  '@holodeck/openai': async (settings) =>
    driven(
      createOpenAIBackend({
        ...key(settings),
        baseURL: `${settings.url}/v1`,
        model,
        // Only such a server makes pictures this small.
        ...(settings.size === '64x64' ? { profile: 'sdcpp' as const } : {}),
      }),
      settings,
    ),
  openai: async (settings) => {
    const { default: OpenAI } = await import('openai');
    const client = new OpenAI({ ...key(settings), baseURL: `${settings.url}/v1` });
    return {
      async run(prompt, _index, file) {
        const answer = await client.images.generate({ model, prompt, size: settings.size as '1024x1024' });
        return checkAndWrite(Buffer.from(answer.data?.[0]?.b64_json ?? '', 'base64'), file, settings.sync);
      },
      close: async () => undefined,
    };
  },
  'ai + @ai-sdk/openai': async (settings) => {
    const { generateImage } = await import('ai');
    const { createOpenAI } = await import('@ai-sdk/openai');
    const provider = createOpenAI({ ...key(settings), baseURL: `${settings.url}/v1` });
    return {
      async run(prompt, _index, file) {
        const { image } = await generateImage({
          model: provider.image(model),
          prompt,
          size: settings.size as `${number}x${number}`,
        });
        return checkAndWrite(Buffer.from(image.uint8Array), file, settings.sync);
      },
      close: async () => undefined,
    };
  },
};
