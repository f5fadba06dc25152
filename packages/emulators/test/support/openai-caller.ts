import { afterAll, beforeAll, beforeEach } from 'vitest';
import { ManualClock, startOpenAIEmulator } from '../../src/index.ts';
import type { OpenAIEmulator } from '../../src/index.ts';

/** The time of the emulator. */
export const clock = new ManualClock();
/** The emulator of the file that runs. */
export let emulator: OpenAIEmulator;

/** Starts an emulator for the tests of the file; before each of them it forgets all jobs and is the service itself again. */
export function useOpenAIEmulator(): void {
  beforeAll(async () => {
    emulator = await startOpenAIEmulator({ imageMs: 0, clock });
  });
  afterAll(() => emulator.close());
  beforeEach(() => {
    emulator.reset();
    emulator.set({
      server: 'openai',
      verified: true,
      mayListModels: true,
      transparentPreview: true,
      imagesPerMinute: 'off',
      variationsStatus: 404,
    });
  });
}

const key = (): Record<string, string> => ({ authorization: `Bearer ${emulator.apiKey}` });

/** What the tests look at in a JSON answer. */
interface AnswerBody {
  readonly data: readonly { readonly b64_json: string; readonly url: string }[];
  readonly error: { readonly code: string; readonly type: string };
  readonly usage: {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly total_tokens: number;
    readonly input_tokens_details: { readonly image_tokens: number };
  };
  readonly output_format: string;
}

interface Called {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Empty if the body is not JSON. */
  readonly json: AnswerBody;
}

/** Calls a path below `/v1` with the key of the emulator, unless the headers say another. */
export async function call(path: string, init: RequestInit = {}): Promise<Called> {
  const response = await fetch(emulator.baseURL + path, {
    ...init,
    headers: { ...key(), ...(init.headers as Record<string, string> | undefined) },
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true && text.startsWith('{');
  const json = JSON.parse(isJson ? text : '{}') as AnswerBody;
  return { status: response.status, headers: response.headers, text, json };
}

/** The bytes of a picture that came as base64. */
export const pictureOf = (json: AnswerBody, index = 0): Buffer =>
  Buffer.from(json.data[index]?.b64_json ?? '', 'base64');

/** Asks for pictures of a lamp, where the body says nothing else. */
export const generate = (body: object): ReturnType<typeof call> =>
  call('/images/generations', {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ model: 'gpt-image-2', prompt: 'a lamp', ...body }),
  });
