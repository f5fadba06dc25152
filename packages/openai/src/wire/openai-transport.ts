import { Readable } from 'node:stream';
import { ImageError } from '@holodeck/core';
import { createFetch, createOneShotFetch } from '@holodeck/core/backend';
import type { FetchLike, FetchOptions, JobContext, NetworkFetch } from '@holodeck/core/backend';
import type OpenAI from 'openai';
import type { Refusal } from '../openai-errors.ts';
import { say } from '../openai-messages.ts';
import type { ResolvedOpenAIOptions } from '../openai-options.ts';

/** The answer to a request: a refusal with its body, or a success whose body is still to be read. */
export type Reply =
  | { readonly ok: false; readonly refusal: Refusal }
  | { readonly ok: true; readonly status: number; readonly headers: Headers; readonly body: Readable };

type SdkFetch = ((input: string | URL | Request, init?: RequestInit) => Promise<Response>) & {
  readonly Response: typeof Response;
};

type SdkFetchOptions = NonNullable<NonNullable<ConstructorParameters<typeof OpenAI>[0]>['fetchOptions']>;

/** A request through the official SDK. `fetchOptions` belong to its options: they say whose request it is. */
export type SdkCall = (client: OpenAI, fetchOptions: SdkFetchOptions) => { asResponse(): Promise<Response> };

const maxRefusalBytes = 64 * 1024;
/** The SDK's timer must never end a request: the driver's deadline does. The longest that a timer takes. */
const noTimeoutMs = 2 ** 31 - 1;

let sdk: Promise<typeof OpenAI> | undefined;

/** Loading it costs about 150 ms and 30 MB, so it waits until it is needed. */
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
  readonly #network: FetchOptions;
  #shared: Promise<NetworkFetch> | undefined;
  /** Kept: making it takes longer than a request through it. `foreign`: the value of the variable that it was made for. */
  #client: { readonly sdk: OpenAI; readonly foreign: string | undefined } | undefined;

  /** @param bounds How long an answer may take; by default the driver's deadline alone decides. */
  constructor(options: ResolvedOpenAIOptions, bounds: Pick<FetchOptions, 'headersTimeoutMs' | 'bodyTimeoutMs'> = {}) {
    this.#options = options;
    this.#network = { ...options.network, ...bounds };
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
        ...say('sdk-missing'),
        cause: error,
      });
    }
  }

  /** One paid request on a connection of its own, on which `beforeSend` runs first. Call `close` of the result when the body is read. */
  async post(call: SdkCall, beforeSend: JobContext['beforeSend']): Promise<PaidRequest> {
    const oneShot = await createOneShotFetch({ ...this.#network, beforeSend });
    const exchange = new SdkExchange(oneShot.send);
    const client = await this.#sdk();
    return {
      reply: () => exchange.settle(call(client, exchange.options)),
      connectionMade: () => oneShot.connectionMade(),
      close: () => oneShot.close(),
    };
  }

  /** A free request; connections are kept. */
  async get(call: SdkCall): Promise<Reply> {
    const exchange = new SdkExchange((await this.#open()).send);
    return await exchange.settle(call(await this.#sdk(), exchange.options));
  }

  /** For free requests, and for images at addresses of any server. */
  async sharedFetch(): Promise<FetchLike> {
    return (await this.#open()).fetch;
  }

  #open(): Promise<NetworkFetch> {
    this.#shared ??= createFetch(this.#network);
    return this.#shared;
  }

  async close(): Promise<void> {
    const shared = this.#shared;
    this.#shared = undefined;
    await (await shared)?.close();
  }

  async #sdk(): Promise<OpenAI> {
    const SdkClient = await loadSdk();
    const foreign = process.env['OPENAI_CUSTOM_HEADERS'];
    if (this.#client !== undefined && this.#client.foreign === foreign) return this.#client.sdk;
    const { apiKey, baseURL, organization, project, headers } = this.#options;
    const sdk = new SdkClient({
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
      fetch: exchangeFetch,
      defaultHeaders: {
        ...foreignHeaders(foreign),
        Authorization: apiKey === undefined ? null : `Bearer ${apiKey}`,
        ...headers,
      },
    });
    this.#client = { sdk, foreign };
    return sdk;
  }
}

/** A paid request that is ready to be sent. */
export interface PaidRequest {
  /** Sends it; resolves when the headers are there. Rejects when there is no answer. */
  reply(): Promise<Reply>;
  /** Whether a connection was ever made: while it is false, nothing has arrived. */
  connectionMade(): boolean;
  close(): Promise<void>;
}

/** The SDK adds the headers of this variable, which may be meant for another server: these entries remove them. */
function foreignHeaders(variable: string | undefined): Record<string, null> {
  const names = (variable ?? '')
    .split('\n')
    .map((line) => line.slice(0, Math.max(0, line.indexOf(':'))).trim())
    .filter((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name));
  return Object.fromEntries(names.map((name) => [name, null]));
}

/**
 * One request of the SDK. The SDK sees the status and the headers but not the body: it would read refusals of any length,
 * and all pictures into one text.
 */
class SdkExchange {
  readonly #send: NetworkFetch['send'];
  #reply: Reply | undefined;

  constructor(send: NetworkFetch['send']) {
    this.#send = send;
  }

  /** What the SDK passes to `fetch` with the request. */
  get options(): SdkFetchOptions {
    return { exchange: this } as SdkFetchOptions;
  }

  async fetch(url: URL, init: RequestInit): Promise<Response> {
    const { status, headers, body = Readable.from([]) } = await this.#send(url, init);
    const ok = status >= 200 && status < 300;
    this.#reply = ok
      ? { ok, status, headers, body }
      : { ok, refusal: { status, headers, body: await beginning(body) } };
    return new Response(null, { status: ok || (status >= 300 && status < 600) ? status : 500 });
  }

  async settle(pending: { asResponse(): Promise<Response> }): Promise<Reply> {
    try {
      await pending.asResponse();
    } catch (error) {
      if (this.#reply === undefined) throw error;
    }
    if (this.#reply === undefined) throw new Error('The SDK answered without a request.');
    return this.#reply;
  }
}

/**
 * The `fetch` of the SDK's client. The SDK makes a test request with a function that has no `Response`. It is a getter,
 * because reading it loads Node's whole `fetch`.
 */
const exchangeFetch = Object.defineProperty(
  async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const { exchange, ...rest } = init as RequestInit & { readonly exchange?: SdkExchange };
    if (exchange === undefined) throw new Error('The SDK sends a request of its own.');
    return await exchange.fetch(new URL(input instanceof Request ? input.url : input), rest);
  },
  'Response',
  { get: () => globalThis.Response },
) as SdkFetch;

/** A refusal whose body breaks off is still a refusal. */
async function beginning(body: Readable): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= maxRefusalBytes) break;
    }
  } catch {
    // What came is enough.
  }
  return Buffer.concat(chunks).subarray(0, maxRefusalBytes).toString('utf8');
}
