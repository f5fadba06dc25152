import { createFetch, createOneShotFetch, ImageError } from '@holodeck/core';
import type { FetchLike, NetworkFetch } from '@holodeck/core';
import type OpenAI from 'openai';
import type { ResolvedOpenAIOptions } from './openai-options.ts';
import type { Refusal } from './openai-errors.ts';

/** The answer to a request: a refusal with its body, or a success whose body is still to be read. */
export type Reply =
  | { readonly ok: false; readonly refusal: Refusal }
  | {
      readonly ok: true;
      readonly status: number;
      readonly headers: Headers;
      readonly body: ReadableStream<Uint8Array> | null;
    };

type SdkFetch = ((input: string | URL | Request, init?: RequestInit) => Promise<Response>) & {
  readonly Response: typeof Response;
};

/** A request through the official SDK. */
export type SdkCall = (client: OpenAI) => { asResponse(): Promise<Response> };

const maxRefusalBytes = 64 * 1024;
/** The SDK's timer must never end a request: the driver's deadline does. The longest that a timer takes. */
const noTimeoutMs = 2 ** 31 - 1;

let sdk: Promise<typeof OpenAI> | undefined;

/** Costs about 150 ms and 30 MB, so it is loaded when it is needed. */
async function loadSdk(): Promise<typeof OpenAI> {
  sdk ??= import('openai').then((module) => module.default);
  return await sdk;
}

/**
 * Sends requests with the official SDK, under our own rules: no retries, no logging, no defaults from the environment, our own
 * connections.
 */
export class OpenAITransport {
  readonly #options: ResolvedOpenAIOptions;
  #shared: Promise<NetworkFetch> | undefined;

  constructor(options: ResolvedOpenAIOptions) {
    this.#options = options;
  }

  /** Loads the SDK, so that what can fail fails before money is spent. */
  async prepare(): Promise<void> {
    try {
      await loadSdk();
    } catch (error) {
      throw new ImageError({
        kind: 'internal',
        outcome: 'not-submitted',
        backend: 'openai',
        message: 'The package "openai" could not be loaded. Install the dependencies again.',
        cause: error,
      });
    }
  }

  /** One paid request on a connection of its own. Call `close` of the result when the body is read. */
  async post(call: SdkCall): Promise<PaidRequest> {
    const oneShot = await createOneShotFetch(this.#options.network);
    const captured: { refusal?: Refusal } = {};
    const client = await this.#client(capturing(oneShot.fetch, captured));
    return {
      reply: () => settle(call(client), captured),
      connectionMade: () => oneShot.connectionMade(),
      close: () => oneShot.close(),
    };
  }

  /** A free request; connections are kept. */
  async get(call: SdkCall): Promise<Reply> {
    const captured: { refusal?: Refusal } = {};
    const client = await this.#client(capturing(await this.sharedFetch(), captured));
    return await settle(call(client), captured);
  }

  /** The connections for what costs nothing. */
  async sharedFetch(): Promise<FetchLike> {
    this.#shared ??= createFetch(this.#options.network);
    return (await this.#shared).fetch;
  }

  async close(): Promise<void> {
    const shared = this.#shared;
    this.#shared = undefined;
    await (await shared)?.close();
  }

  async #client(fetch: SdkFetch): Promise<OpenAI> {
    const SdkClient = await loadSdk();
    const { apiKey, baseURL, organization, project, headers } = this.#options;
    return new SdkClient({
      // The SDK refuses to start without a key; the header below decides what is sent.
      apiKey: apiKey ?? 'none',
      adminAPIKey: null,
      baseURL: baseURL.href,
      organization,
      project,
      webhookSecret: null,
      maxRetries: 0,
      timeout: noTimeoutMs,
      logLevel: 'off',
      fetch,
      defaultHeaders: {
        ...foreignHeaders(process.env['OPENAI_CUSTOM_HEADERS']),
        Authorization: apiKey === undefined ? null : `Bearer ${apiKey}`,
        ...headers,
      },
    });
  }
}

/** A paid request that is ready to go. */
export interface PaidRequest {
  /** Sends it; resolves when the headers are there. Rejects when there is no answer. */
  reply(): Promise<Reply>;
  /** Whether a connection was ever made: while it is false, nothing has arrived. */
  connectionMade(): boolean;
  close(): Promise<void>;
}

/** The SDK would add the headers of this variable, meant for whomever: they are taken out again. */
function foreignHeaders(variable: string | undefined): Record<string, null> {
  const names = (variable ?? '')
    .split('\n')
    .map((line) => line.slice(0, Math.max(0, line.indexOf(':'))).trim())
    .filter((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name));
  return Object.fromEntries(names.map((name) => [name, null]));
}

async function settle(pending: { asResponse(): Promise<Response> }, captured: { refusal?: Refusal }): Promise<Reply> {
  try {
    const response = await pending.asResponse();
    return { ok: true, status: response.status, headers: response.headers, body: response.body };
  } catch (error) {
    if (captured.refusal !== undefined) return { ok: false, refusal: captured.refusal };
    throw error;
  }
}

/**
 * Keeps the refusal as it came, with its body bounded; the SDK would read bodies of any length and lose what it does not
 * know. `Response` spares the SDK a test request that it makes with functions of unknown origin.
 */
function capturing(fetch: FetchLike, captured: { refusal?: Refusal }): SdkFetch {
  const wrapped = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const response = await fetch(input instanceof Request ? input.url : input, init);
    if (response.ok) return response;
    const body = await beginning(response.body);
    captured.refusal = { status: response.status, headers: response.headers, body };
    const noBody = response.status === 204 || response.status === 205 || response.status === 304;
    return new Response(noBody ? null : body, {
      status: response.status,
      headers: new Headers(plain(response.headers)),
    });
  };
  return Object.assign(wrapped, { Response: globalThis.Response });
}

/** A refusal whose body breaks off is still a refusal. */
async function beginning(body: ReadableStream<Uint8Array> | null): Promise<string> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body.getReader();
  try {
    while (length < maxRefusalBytes) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      length += value.length;
    }
  } catch {
    // What came is enough.
  }
  void reader.cancel().catch(() => undefined);
  return Buffer.concat(chunks).subarray(0, maxRefusalBytes).toString('utf8');
}

function plain(headers: Headers): [string, string][] {
  return [...headers].filter(
    ([name]) => name !== 'content-encoding' && name !== 'content-length' && name !== 'transfer-encoding',
  );
}
