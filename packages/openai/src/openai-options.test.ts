import { ImageError } from '@holodeck/core';
import { describe, expect, it } from 'vitest';
import { createOpenAIBackend } from './openai-backend.ts';
import { openaiOptionsFromEnvironment } from './openai-options.ts';
import type { OpenAIBackendOptions } from './openai-options.ts';

function refusal(options: object): ImageError {
  try {
    createOpenAIBackend(options as OpenAIBackendOptions);
  } catch (error) {
    if (ImageError.isInstance(error)) return error;
  }
  throw new Error('It should have been refused.');
}

describe('options', () => {
  it.each([
    [{}, 'auth'],
    [{ apiKey: 'your_api_key' }, 'auth'],
    [{ apiKey: '<key>' }, 'auth'],
    [{ apiKey: 'sk-xxxx' }, 'auth'],
    [{ apiKey: 'sk-a\nb' }, 'auth'],
    [{ apiKey: 'sk-schlüssel' }, 'auth'],
    [{ apiKey: 'sk-1', profile: 'azure' }, 'invalid-request'],
    [{ apiKey: 'sk-1', baseURL: 'ftp://example.org' }, 'invalid-request'],
    [{ apiKey: 'sk-1', baseURL: 'https://user:secret@example.org/v1' }, 'invalid-request'],
    [{ apiKey: 'sk-1', maxAnswerBytes: 0 }, 'invalid-request'],
    [{ apiKey: 'sk-1', headers: { 'x y': 'z' } }, 'invalid-request'],
    [{ apiKey: 'sk-1', timeout: 3 }, 'invalid-request'],
    [{ profile: 'compatible' }, 'invalid-request'],
  ])('refuses %j', (options, kind) => {
    const error = refusal(options);
    expect(error).toMatchObject({ kind, outcome: 'not-submitted', backend: 'openai' });
    expect(error.message).not.toMatch(/secret|schlüssel/);
  });

  it('lanes and fingerprints differ by account, server and style, and do not contain the key', () => {
    const of = (options: OpenAIBackendOptions) => createOpenAIBackend({ apiKey: 'sk-one-and-only', ...options });
    const lane = (options: OpenAIBackendOptions): string => of(options).lanes[0]?.id ?? '';
    expect(lane({})).toBe(lane({ model: 'gpt-image-1.5' }));
    expect(lane({})).toBe(lane({ baseURL: 'https://api.openai.com/v1/' }));
    expect(new Set([lane({}), lane({ apiKey: 'sk-two' }), lane({ baseURL: 'http://127.0.0.1:1/v1' })]).size).toBe(3);
    expect(lane({})).not.toContain('one-and-only');
    expect(of({}).fingerprint).toBe('openai:gpt-image-2');
    expect(of({ baseURL: 'https://gateway.example/v1' }).fingerprint).toBe('openai:gpt-image-2');
    expect(of({ baseURL: 'http://a.example/v1', profile: 'compatible' }).fingerprint).toContain('a.example');
  });

  it('knows the sizes of each generation', () => {
    const size = (model: string) => createOpenAIBackend({ apiKey: 'sk-1', model }).capabilities.size;
    expect(size('gpt-image-2')).toEqual({ multipleOf: 16, maxRatio: 3, maxSide: 3840 });
    expect(size('gpt-image-2.5-flare-2026-09-08')).toEqual(size('gpt-image-2'));
    expect(size('gpt-image-1.5').oneOf).toHaveLength(3);
    expect(size('gpt-image-1-mini').oneOf).toHaveLength(3);
    expect(size('chatgpt-image-latest').oneOf).toHaveLength(3);
    expect(size('my-deployment')).toEqual({});
  });

  it('knows which models give every account a transparent background', () => {
    const capabilitiesOf = (model: string) => createOpenAIBackend({ apiKey: 'sk-1', model }).capabilities;
    const isPreview = (model: string) => capabilitiesOf(model).transparentBackgroundIsPreview;
    expect(['gpt-image-1.5', 'gpt-image-1-mini', 'gpt-image-2.5-flare', 'chatgpt-image-latest'].map(isPreview)).toEqual(
      [false, false, false, false],
    );
    expect(['gpt-image-2', 'gpt-image-2-2026-04-21', 'gpt-image-2.6-flare', 'my-deployment'].map(isPreview)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    // It is still sent on explicit request.
    expect(capabilitiesOf('gpt-image-2').transparentBackground).toBe(true);
  });
});

describe('environment', () => {
  it('is read and trimmed, and placeholders count as unset', () => {
    expect(openaiOptionsFromEnvironment({})).toBeUndefined();
    expect(openaiOptionsFromEnvironment({ OPENAI_API_KEY: 'sk-your-key', OPENAI_BASE_URL: ' ' })).toBeUndefined();
    expect(openaiOptionsFromEnvironment({ OPENAI_IMAGE_MODEL: 'gpt-image-2' })).toBeUndefined();
    expect(
      openaiOptionsFromEnvironment({
        OPENAI_API_KEY: ' sk-1 ',
        OPENAI_BASE_URL: 'http://127.0.0.1:1/v1',
        OPENAI_IMAGE_MODEL: 'gpt-image-1.5',
        OPENAI_PROFILE: 'compatible',
      }),
    ).toEqual({
      apiKey: 'sk-1',
      baseURL: 'http://127.0.0.1:1/v1',
      model: 'gpt-image-1.5',
      profile: 'compatible',
    });
    expect(openaiOptionsFromEnvironment({ OPENAI_PROFILE: 'sdcpp' })).toEqual({ profile: 'sdcpp' });
    expect(() => openaiOptionsFromEnvironment({ OPENAI_PROFILE: 'azure' })).toThrow(/OPENAI_PROFILE/);
  });
});
