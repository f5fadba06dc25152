import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { emulator, generate, pictureOf, useOpenAIEmulator } from './support/openai-caller.ts';

useOpenAIEmulator();

describe('generations', () => {
  it('answers as the service does', async () => {
    const { status, headers, json } = await generate({ size: '1536x864', n: 2, quality: 'high' });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('x-request-id')).toMatch(/^req_/);
    expect(json).toMatchObject({ size: '1536x864', quality: 'high', background: 'opaque', output_format: 'png' });
    expect(json.data).toHaveLength(2);
    expect(json.data[0]?.b64_json).not.toBe(json.data[1]?.b64_json);
    expect(json.usage.total_tokens).toBe(json.usage.input_tokens + json.usage.output_tokens);
    const picture = await sharp(pictureOf(json, 1)).metadata();
    expect(picture).toMatchObject({ format: 'png', width: 1536, height: 864 });
    expect(emulator.ledger).toMatchObject({ submissions: 1, accepted: 1, billed: 2, delivered: 2 });
  });

  it.each([
    ['png', true],
    ['webp', true],
    ['webp', false],
    ['jpeg', false],
  ])('paints real %s (transparent: %s) that others can decode', async (format, transparent) => {
    const { json } = await generate({
      size: '1024x768',
      output_format: format,
      background: transparent ? 'transparent' : 'opaque',
    });
    const image = sharp(pictureOf(json));
    expect(await image.metadata()).toMatchObject({ format, width: 1024, height: 768, hasAlpha: transparent });
    const { channels } = await image.stats();
    expect(channels[1]?.stdev).toBeGreaterThan(1);
    if (transparent) expect(channels[3]).toMatchObject({ min: 0, max: 255 });
  });

  it('makes big pictures that do not compress', async () => {
    emulator.set({ imageBytes: 1_000_000 });
    const { json } = await generate({});
    expect(pictureOf(json).length).toBe(1_000_000);
    emulator.set({ imageBytes: 0 });
  });

  it.each([
    [{ prompt: undefined }, 400, 'missing_required_parameter', 'prompt'],
    [{ prompt: 7 }, 400, 'invalid_type', 'prompt'],
    [{ prompt: 'x'.repeat(32_001) }, 400, 'invalid_value', 'prompt'],
    [{ n: 11 }, 400, 'invalid_value', 'n'],
    [{ n: '2' }, 400, 'invalid_type', 'n'],
    [{ size: '1000x1000' }, 400, 'invalid_value', 'size'],
    [{ size: '3840x1024' }, 400, 'invalid_value', 'size'],
    [{ size: '512x512' }, 400, 'invalid_value', 'size'],
    [{ size: '4096x2048' }, 400, 'invalid_value', 'size'],
    [{ size: 'large' }, 400, 'invalid_value', 'size'],
    [{ model: 'gpt-image-1.5', size: '1536x864' }, 400, 'invalid_value', 'size'],
    [{ quality: 'ultra' }, 400, 'invalid_value', 'quality'],
    [{ quality: 'xhigh' }, 400, 'invalid_value', 'quality'],
    [{ background: 'transparent', output_format: 'jpeg' }, 400, 'invalid_value', 'background'],
    [{ output_compression: 50 }, 400, 'invalid_value', 'output_compression'],
    [{ partial_images: 1 }, 400, 'invalid_value', 'partial_images'],
    [{ stream: true, partial_images: 4 }, 400, 'invalid_value', 'partial_images'],
    [{ response_format: 'url' }, 400, 'unknown_parameter', 'response_format'],
    [{ style: 'vivid' }, 400, 'unknown_parameter', 'style'],
    [{ seed: 1 }, 400, 'unknown_parameter', 'seed'],
    [{ input_fidelity: 'high' }, 400, 'unknown_parameter', 'input_fidelity'],
    [{ svg: {} }, 400, 'invalid_value', 'svg'],
    [{ model: 'gpt-image-9' }, 404, 'model_not_found', 'model'],
    [{ model: 'gpt-image-1' }, 410, 'model_not_found', 'model'],
    [{ model: 'dall-e-3' }, 410, 'model_not_found', 'model'],
    [{ prompt: '__illegal__' }, 400, 'moderation_blocked', null],
    [{ prompt: '__illegal_output__' }, 400, 'moderation_blocked', null],
  ])('refuses %j', async (body, status, code, param) => {
    const answer = await generate(body);
    expect(answer).toMatchObject({
      status,
      json: { error: { code, param, message: expect.any(String), type: expect.any(String) } },
    });
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
    expect(emulator.ledger).toMatchObject({ billed: 0, refusals: 1 });
  });

  it('streams partial images and the finished one', async () => {
    const { headers, text } = await generate({ stream: true, partial_images: 2 });
    expect(headers.get('content-type')).toContain('text/event-stream');
    const events = text
      .trim()
      .split('\n\n')
      .map((event) => JSON.parse(event.split('\ndata: ')[1] ?? '') as Record<string, unknown>);
    expect(events.map((event) => [event['type'], event['partial_image_index']])).toEqual([
      ['image_generation.partial_image', 0],
      ['image_generation.partial_image', 1],
      ['image_generation.completed', undefined],
    ]);
    expect(events[2]?.['usage']).toMatchObject({ total_tokens: expect.any(Number) });
    expect(emulator.ledger.delivered).toBe(1);
  });
});
