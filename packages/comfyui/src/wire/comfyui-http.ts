import { createFetch, createOneShotFetch, retryAfterMs } from '@holodeck/core/backend';
import type { NetworkOptions } from '@holodeck/core';
import type { FetchLike, HttpAnswer as RawAnswer, JobContext, NetworkFetch } from '@holodeck/core/backend';
import { blank } from './caller-secrets.ts';
import { stringifyExactJson } from './exact-json.ts';
import { parsePythonJson } from './python-json.ts';
import type { Server } from '../comfyui-options.ts';

/** An answer, read whole. */
export interface HttpAnswer {
  readonly status: number;
  /** The parsed body; undefined where it is not JSON. */
  readonly json: unknown;
  readonly retryAfterMs?: number;
  /** Where a redirect leads: origin and path only, because a query may be a secret. */
  readonly location?: string;
}

/** An answer to the one POST that starts a job, or why there is none. */
export type SubmissionAnswer =
  | { readonly answer: HttpAnswer }
  | { readonly error: unknown; readonly connectionMade: boolean };

/** The longest wait for an answer's headers, and between pieces of its body. A server that loads a model answers late. */
const answerTimeoutMs = 60_000;
const submissionTimeoutMs = 120_000;
/** The longest answer in bytes, decompressed. */
const maxAnswerBytes = 8 * 1024 * 1024;
/** Of answers with the list of all nodes, or with whole graphs, which may hold pictures as text. */
const maxLongAnswerBytes = 64 * 1024 * 1024;
const longAnswers = /^\/(?:object_info|queue|history)\b/;
/** Shorter secrets may be words of an answer, which has to be read: they are blanked where the server is quoted. */
const leastBlanked = 12;

/** HTTP requests to one server: its base path, the caller's headers, and never an Origin header. */
export class ComfyUIHttp {
  readonly #server: Server;
  readonly #network: NetworkOptions;
  readonly #secrets: readonly string[];
  #fetch: Promise<NetworkFetch> | undefined;

  constructor(server: Server, network: NetworkOptions) {
    this.#server = server;
    this.#network = network;
    this.#secrets = server.secrets.filter(({ length }) => length >= leastBlanked);
  }

  /** GET, or POST where a body is given. Network faults are thrown as `fetch` throws them. */
  async request(
    path: string,
    options: { readonly signal: AbortSignal; readonly json?: unknown; readonly form?: FormData },
  ): Promise<HttpAnswer> {
    const { send } = await this.#open();
    const response = await send(this.url(path), {
      ...this.#body(options),
      redirect: 'manual',
      signal: options.signal,
    });
    const maxBytes = longAnswers.test(path) ? maxLongAnswerBytes : maxAnswerBytes;
    return readAnswer(response, this.url(path), this.#secrets, maxBytes);
  }

  /** The status of a GET; its body is not read. */
  async status(path: string, signal: AbortSignal): Promise<number> {
    const { send } = await this.#open();
    const { status, body } = await send(this.url(path), { ...this.#body({}), redirect: 'manual', signal });
    body?.destroy();
    return status;
  }

  /** POST /prompt on a connection of its own, so that "no connection was made" can be told from a lost answer. */
  async submit(
    path: string,
    json: unknown,
    signal: AbortSignal,
    beforeSend: JobContext['beforeSend'],
  ): Promise<SubmissionAnswer> {
    const oneShot = await createOneShotFetch({
      ...this.#network,
      beforeSend,
      headersTimeoutMs: submissionTimeoutMs,
      bodyTimeoutMs: answerTimeoutMs,
    });
    try {
      const response = await oneShot.send(this.url(path), { ...this.#body({ json }), signal });
      return { answer: await readAnswer(response, this.url(path), this.#secrets, maxAnswerBytes) };
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
          body: stringifyExactJson(options.json),
        };
  }
}

/** A server, or a proxy in front of it, may repeat what it was sent: the caller's secrets are blanked before anything is read. */
async function readAnswer(
  response: RawAnswer,
  url: URL,
  secrets: readonly string[],
  maxBytes: number,
): Promise<HttpAnswer> {
  const text = blank(await readText(response, maxBytes), secrets);
  const redirect = redirectOf(response, url);
  const location = redirect === undefined ? undefined : blank(redirect, secrets);
  const wait = retryAfterOf(response);
  return {
    status: response.status,
    json: parseJson(text),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
    ...(location === undefined ? {} : { location }),
  };
}

function redirectOf(response: RawAnswer, url: URL): string | undefined {
  const location = response.headers.get('location');
  if (response.status < 300 || response.status > 399 || location === null || !URL.canParse(location, url.href)) {
    return undefined;
  }
  const { origin, pathname } = new URL(location, url.href);
  return origin === 'null' ? undefined : `${origin}${pathname}`;
}

/** A date is read by the server's own clock where the answer shows it. */
function retryAfterOf({ headers }: RawAnswer): number | undefined {
  return retryAfterMs(headers.get('retry-after'), Date.parse(headers.get('date') ?? '') || Date.now());
}

/** @throws {Error} when it is longer than `maxBytes`; the rest is not read. */
async function readText({ body }: RawAnswer, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) throw new Error(`The answer has more than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return parsePythonJson(text);
  } catch {
    return undefined;
  }
}
