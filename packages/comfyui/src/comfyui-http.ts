import { createFetch, createOneShotFetch } from '@holodeck/core';
import type { FetchLike, NetworkFetch, NetworkOptions } from '@holodeck/core';
import type { Server } from './comfyui-options.ts';

/** An answer, read whole. */
export interface HttpAnswer {
  readonly status: number;
  /** The parsed body; undefined where it is no JSON. */
  readonly json: unknown;
  readonly retryAfterMs?: number;
}

/** An answer to the one POST that starts a job, or why there is none. */
export type SubmissionAnswer =
  | { readonly answer: HttpAnswer }
  | { readonly error: unknown; readonly connectionMade: boolean };

/** The longest wait for an answer's headers, and between pieces of its body. A server that loads a model answers late. */
const answerTimeoutMs = 60_000;
const submissionTimeoutMs = 120_000;

/** HTTP requests to one server: its base path, the caller's headers, and never an Origin header. */
export class ComfyUIHttp {
  readonly #server: Server;
  readonly #network: NetworkOptions;
  #fetch: Promise<NetworkFetch> | undefined;

  constructor(server: Server, network: NetworkOptions) {
    this.#server = server;
    this.#network = network;
  }

  /** GET, or POST where a body is given. Network faults are thrown as `fetch` throws them. */
  async request(
    path: string,
    options: { readonly signal: AbortSignal; readonly json?: unknown; readonly form?: FormData },
  ): Promise<HttpAnswer> {
    const { fetch } = await this.#open();
    const response = await fetch(this.url(path), {
      ...this.#body(options),
      redirect: 'manual',
      signal: options.signal,
    });
    return readAnswer(response);
  }

  /** POST /prompt on a connection of its own, so that "no connection was made" can be told from a lost answer. */
  async submit(path: string, json: unknown, signal: AbortSignal): Promise<SubmissionAnswer> {
    const oneShot = await createOneShotFetch({
      ...this.#network,
      headersTimeoutMs: submissionTimeoutMs,
      bodyTimeoutMs: answerTimeoutMs,
    });
    try {
      const response = await oneShot.fetch(this.url(path), { ...this.#body({ json }), signal });
      return { answer: await readAnswer(response) };
    } catch (error) {
      return { error, connectionMade: oneShot.connectionMade() };
    } finally {
      // Awaited by nobody: the answer is read, and closing must not delay it.
      void oneShot.close().catch(() => undefined);
    }
  }

  /** The `fetch` for downloads. The caller's headers are not in it: `headers` goes with the first origin only. */
  async downloadFetch(): Promise<FetchLike> {
    return (await this.#open()).fetch;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#server.headers;
  }

  /** The whole URL of a route such as `/prompt`. */
  url(path: string): URL {
    return new URL(`${this.#server.url.href.replace(/\/$/, '')}${path}`);
  }

  async close(): Promise<void> {
    const opened = await this.#fetch?.catch(() => undefined);
    await opened?.close();
  }

  #open(): Promise<NetworkFetch> {
    this.#fetch ??= createFetch({
      ...this.#network,
      headersTimeoutMs: answerTimeoutMs,
      bodyTimeoutMs: answerTimeoutMs,
    });
    return this.#fetch;
  }

  #body(options: { readonly json?: unknown; readonly form?: FormData }): RequestInit {
    const headers = { ...this.#server.headers };
    if (options.form !== undefined) {
      return { method: 'POST', headers, body: options.form };
    }
    return options.json === undefined
      ? { method: 'GET', headers }
      : {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(options.json),
        };
  }
}

async function readAnswer(response: Response): Promise<HttpAnswer> {
  const text = await response.text();
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return {
    status: response.status,
    json: parseJson(text),
    ...(Number.isFinite(seconds) && seconds >= 0 ? { retryAfterMs: seconds * 1000 } : {}),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
