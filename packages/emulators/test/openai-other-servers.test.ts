import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { call, clock, emulator, generate, pictureOf, useOpenAIEmulator } from './support/openai-caller.ts';

useOpenAIEmulator();

describe('other servers', () => {
  it('compatible: addresses that expire, base64 on request, unknown fields ignored', async () => {
    emulator.set({ server: 'compatible', urlLifeMs: 1000 });
    const { json } = await generate({ model: 'any', size: '300x200', seed: 3, bogus: true });
    const url = json.data[0]?.url ?? '';
    const picture = await fetch(url);
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(await sharp(Buffer.from(await picture.arrayBuffer())).metadata()).toMatchObject({ width: 300, height: 200 });
    expect((await fetch(url.replace('signature=', 'signature=0'))).status).toBe(403);
    clock.advance(1000);
    expect((await fetch(url)).status).toBe(403);
    expect((await generate({ response_format: 'b64_json' })).json.data[0]?.b64_json).toEqual(expect.any(String));
    expect(emulator.requests.filter(({ path }) => path.startsWith('/generated')).every(({ hasKey }) => !hasKey)).toBe(
      true,
    );
  });

  it('sdcpp: reads the tag in the prompt, falls back to 512, has its own errors', async () => {
    emulator.set({ server: 'sdcpp' });
    const prompt = 'a lamp <sd_cpp_extra_args>{"seed":5}</sd_cpp_extra_args>';
    const [first, second] = [await generate({ prompt, size: 'auto' }), await generate({ prompt, size: 'auto' })];
    expect(first.json.data).toEqual(second.json.data);
    expect(await sharp(pictureOf(first.json)).metadata()).toMatchObject({ width: 512 });
    expect(first.json.output_format).toBe('png');
    expect(await generate({ prompt: '' })).toMatchObject({ status: 400, json: { error: 'prompt required' } });
    expect((await call('/models')).json.data).toMatchObject([{ id: 'sd-cpp-local' }]);
  });
});
