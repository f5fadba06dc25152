import { isRecord } from '@holodeck/core/backend';
import { ImageError } from '@holodeck/core';
import type { ImageErrorKind, ProbeReport } from '@holodeck/core';
import type { ProbeContext } from '@holodeck/core/backend';
import { rootMessage } from './wire/connection-errors.ts';
import { refusalError } from './openai-errors.ts';
import type { Refusal } from './openai-errors.ts';
import type { ResolvedOpenAIOptions } from './openai-options.ts';
import { secretsOf } from './openai-submission.ts';
import type { OpenAITransport, Reply } from './wire/openai-transport.ts';
import type { WireModel } from './wire/openai-wire.ts';
import { safeText } from './wire/safe-text.ts';

type Finding = Pick<ProbeReport, 'status' | 'message' | 'proves'> &
  Partial<Pick<ProbeReport, 'remedy' | 'errorKind' | 'details'>>;

const maxListBytes = 4 * 2 ** 20;
const monthsAheadMs = 90 * 24 * 3600 * 1000;
const doesNotProve = ['balance and spending limits', 'that the organisation is verified for the model', 'rate limits'];

/** Asks for the model, or where a server does not route model ids for the list. Costs nothing. */
export async function probeOpenAI(
  options: ResolvedOpenAIOptions,
  transport: OpenAITransport,
  { signal }: ProbeContext,
): Promise<ProbeReport> {
  const checkedAtMs = Date.now();
  const start = performance.now();
  const finding = await look(options, transport, signal);
  const { host } = options.baseURL;
  return {
    backend: 'openai',
    model: options.model,
    doesNotProve,
    checkedAtMs,
    durationMs: Math.round(performance.now() - start),
    ...finding,
    details: { host, profile: options.profile.name, ...finding.details },
  };
}

async function look(options: ResolvedOpenAIOptions, transport: OpenAITransport, signal: AbortSignal): Promise<Finding> {
  const { profile, model, baseURL } = options;
  try {
    await transport.prepare();
    const reply = await transport.get((client, fetchOptions) =>
      profile.modelProbe === 'retrieve'
        ? client.models.retrieve(model, { signal, fetchOptions })
        : client.models.list({ signal, fetchOptions }),
    );
    if (!reply.ok) return refused(reply.refusal, options);
    const value = await readJson(reply);
    return profile.modelProbe === 'retrieve' ? oneModel(value, options) : modelList(value, options);
  } catch (error) {
    // A deadline is the caller's business.
    if (signal.aborted) throw signal.reason;
    if (ImageError.isInstance(error))
      return { status: 'down', message: error.message, proves: [], errorKind: error.kind };
    return {
      status: 'down',
      message: `${baseURL.host} cannot be reached (${safeText(rootMessage(error), secretsOf(options), 200)}).`,
      proves: [],
      errorKind: 'unavailable',
      remedy: 'Check the network, the proxy and OPENAI_BASE_URL; for a local server, start it.',
    };
  }
}

async function readJson(reply: Reply & { readonly ok: true }): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of reply.body as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxListBytes) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function oneModel(value: unknown, options: ResolvedOpenAIOptions): Finding {
  const { model, baseURL } = options;
  const found = isRecord(value) ? (value as WireModel) : undefined;
  if (found === undefined || typeof found.id !== 'string') return strange(options);
  const proves = ['the key is accepted', `the key sees ${model}`];
  const shutdown = typeof found.shutdown_date === 'string' ? found.shutdown_date.slice(0, 40) : undefined;
  if (shutdown === undefined) return { status: 'ready', message: `${baseURL.host} offers ${model}.`, proves };
  const left = Date.parse(shutdown) - Date.now();
  const details = { shutdownDate: shutdown, shutdownSoon: left < monthsAheadMs };
  const remedy = 'Choose a newer model: OPENAI_IMAGE_MODEL.';
  if (left < 0) {
    const message = `${model} was shut down on ${shutdown}.`;
    return { status: 'down', message, proves, details, remedy, errorKind: 'unavailable' };
  }
  return {
    status: 'ready',
    message: `${baseURL.host} offers ${model}, but will shut it down on ${shutdown}.`,
    proves,
    details,
    remedy,
  };
}

function modelList(value: unknown, options: ResolvedOpenAIOptions): Finding {
  const { model, baseURL } = options;
  const list = isRecord(value) && Array.isArray(value['data']) ? value['data'] : undefined;
  if (list === undefined) return strange(options);
  const ids = list.flatMap((item) => (isRecord(item) && typeof item['id'] === 'string' ? [item['id']] : []));
  const proves = ['the server answers', 'the key, where one is needed, is accepted'];
  if (ids.includes(model)) {
    return { status: 'ready', message: `${baseURL.host} offers ${model}.`, proves: [...proves, `it lists ${model}`] };
  }
  const some = ids.slice(0, 5).map((id) => safeText(id, [], 60));
  return {
    status: 'unknown',
    message: `${baseURL.host} answers, but does not list ${model}${some.length === 0 ? '' : ` (it lists ${some.join(', ')})`}.`,
    proves,
    remedy: 'Servers with one model often ignore its name; otherwise set OPENAI_IMAGE_MODEL.',
  };
}

function strange({ baseURL }: ResolvedOpenAIOptions): Finding {
  return {
    status: 'down',
    message: `${baseURL.host} answers, but not like an OpenAI server (no model in the answer).`,
    proves: [],
    errorKind: 'bad-response',
    remedy: "Check OPENAI_BASE_URL (OpenAI's ends in /v1), and proxies or login pages on the way.",
  };
}

function refused(refusal: Refusal, options: ResolvedOpenAIOptions): Finding {
  const { profile, model, baseURL } = options;
  const { status } = refusal;
  const { message, kind } = refusalError(refusal, { profile, model, host: baseURL.host, secrets: secretsOf(options) });
  const answers = [`${baseURL.host} answers`];
  if (kind === 'quota')
    return finding('down', message, 'quota', 'Add credit or raise the spending limit of the account.');
  if (status === 401) return finding('down', message, 'auth', 'Set OPENAI_API_KEY to a valid key of this server.');
  if (status === 403) {
    return {
      status: 'unknown',
      message: `${baseURL.host} does not let this key look at models (403); it may still make images.`,
      proves: answers,
      errorKind: 'auth',
      remedy: 'To see more, give the key the permission to list models.',
    };
  }
  // Many compatible servers have no such route at all.
  if (profile.modelProbe === 'list' && (status === 404 || status === 405 || status === 501)) {
    return { status: 'unknown', message: `${baseURL.host} answers, but lists no models (${status}).`, proves: answers };
  }
  if (status === 404 || status === 410) {
    return finding(
      'down',
      `${model} is not visible for this key at ${baseURL.host} (${status}).`,
      'invalid-request',
      'Set OPENAI_IMAGE_MODEL to a model of this account, and check OPENAI_BASE_URL.',
    );
  }
  if (status === 429)
    return { status: 'unknown', message, proves: [...answers, 'the key is accepted'], errorKind: 'rate-limit' };
  return finding('down', message, kind, 'Try again later.');

  function finding(state: 'down', text: string, errorKind: ImageErrorKind, remedy: string): Finding {
    return { status: state, message: text, proves: answers, errorKind, remedy };
  }
}
