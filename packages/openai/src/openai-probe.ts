import { equalPrices, isRecord, probeReport } from '@holodeck/core/backend';
import { ImageError } from '@holodeck/core';
import type { ImageErrorKind, ProbeReport } from '@holodeck/core';
import type { ProbeContext, ProbeFindings } from '@holodeck/core/backend';
import { joinSentences } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import { say } from './openai-messages.ts';
import { reasonOf } from './wire/connection-errors.ts';
import { refusalError } from './openai-errors.ts';
import type { Refusal } from './openai-errors.ts';
import type { ResolvedOpenAIOptions } from './openai-options.ts';
import { profileOfHost } from './openai-profiles.ts';
import { secretsOf } from './openai-submission.ts';
import type { OpenAITransport, Reply } from './wire/openai-transport.ts';
import type { WireModel } from './wire/openai-wire.ts';
import { safeText } from './wire/safe-text.ts';

type Finding = Pick<ProbeFindings, 'status' | 'message' | 'proves' | 'remedy' | 'errorKind' | 'details'>;

const maxListBytes = 4 * 2 ** 20;
const monthsAheadMs = 90 * 24 * 3600 * 1000;
const doesNotProve = [say('unproved-balance'), say('unproved-verified'), say('unproved-rates')];

/** Asks for the model, or where a server does not route model ids for the list. Costs nothing. */
export async function probeOpenAI(
  options: ResolvedOpenAIOptions,
  transport: OpenAITransport,
  { signal }: ProbeContext,
): Promise<ProbeReport> {
  const checkedAtMs = Date.now();
  const start = performance.now();
  const finding = await look(options, transport, signal);
  const { host, hostname } = options.baseURL;
  const suggested = profileOfHost(hostname);
  const hint =
    suggested === undefined || suggested === options.profile.name
      ? undefined
      : say('profile-suggested', { host, profile: suggested });
  const equals = options.profile.name === 'openai' ? equalPrices('openai', options.model) : [];
  const samePrice = equals.map(({ quality, model, highQuality }) => `${quality} = ${model} ${highQuality}`).join('; ');
  return probeReport({
    backend: 'openai',
    model: options.model,
    doesNotProve,
    checkedAtMs,
    durationMs: Math.round(performance.now() - start),
    ...finding,
    ...(hint === undefined ? {} : { remedy: joinSentences(hint, finding.remedy) }),
    details: { host, profile: options.profile.name, ...(samePrice && { samePrice }), ...finding.details },
  });
}

async function look(options: ResolvedOpenAIOptions, transport: OpenAITransport, signal: AbortSignal): Promise<Finding> {
  const { profile, model, baseURL } = options;
  try {
    await transport.prepare();
    const reply = await transport.get((client, fetchOptions) =>
      profile.modelProbe === 'retrieve'
        ? client.models.retrieve(model, { signal, fetchOptions })
        : profile.modelsPath === undefined
          ? client.models.list({ signal, fetchOptions })
          : client.get(profile.modelsPath, { signal, fetchOptions }),
    );
    if (!reply.ok) return refused(reply.refusal, options);
    const value = await readJson(reply);
    return profile.modelProbe === 'retrieve' ? oneModel(value, options) : modelList(value, options);
  } catch (error) {
    // A deadline is the caller's business.
    if (signal.aborted) throw signal.reason;
    if (ImageError.isInstance(error)) return { status: 'down', message: error, errorKind: error.kind };
    return {
      status: 'down',
      message: say('unreachable', { host: baseURL.host, reason: reasonOf(error, secretsOf(options)) }),
      errorKind: 'unavailable',
      remedy: say('check-network'),
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
  const { model } = options;
  const { host } = options.baseURL;
  const found = isRecord(value) ? (value as WireModel) : undefined;
  if (found === undefined || typeof found.id !== 'string') return strange(host);
  const proves = [say('key-accepted'), say('key-sees', { model })];
  if (typeof found.shutdown_date !== 'string')
    return { status: 'ready', message: say('offers', { host, model }), proves };
  const date = safeText(found.shutdown_date, secretsOf(options), 40);
  const left = Date.parse(date) - Date.now();
  const details = { shutdownDate: date, shutdownSoon: left < monthsAheadMs };
  const remedy = say('newer-model');
  return left < 0
    ? { status: 'down', message: say('shut-down', { model, date }), proves, details, remedy, errorKind: 'unavailable' }
    : { status: 'ready', message: say('offers-until', { host, model, date }), proves, details, remedy };
}

function modelList(value: unknown, options: ResolvedOpenAIOptions): Finding {
  const { model } = options;
  const { host } = options.baseURL;
  const list = isRecord(value) && Array.isArray(value['data']) ? value['data'] : undefined;
  if (list === undefined) return strange(host);
  const ids = list.flatMap((item) => (isRecord(item) && typeof item['id'] === 'string' ? [item['id']] : []));
  const proves = [say('server-answers'), say('key-accepted-if-needed')];
  if (ids.includes(model)) {
    return { status: 'ready', message: say('offers', { host, model }), proves: [...proves, say('lists', { model })] };
  }
  const models = ids.slice(0, 5).map((id) => safeText(id, secretsOf(options), 60));
  return {
    status: 'unknown',
    message:
      models.length === 0
        ? say('not-listed', { host, model })
        : say('not-among', { host, model, models: models.join(', ') }),
    proves,
    remedy: say('one-model'),
  };
}

function strange(host: string): Finding {
  return {
    status: 'down',
    message: say('not-openai', { host }),
    errorKind: 'bad-response',
    remedy: say('check-address'),
  };
}

function refused(refusal: Refusal, options: ResolvedOpenAIOptions): Finding {
  const { profile, model } = options;
  const { host } = options.baseURL;
  const { status } = refusal;
  const error = refusalError(refusal, { profile, model, host, secrets: secretsOf(options) });
  const proves = [say('host-answers', { host })];
  const down = (message: Message, errorKind: ImageErrorKind, remedy: Message): Finding => ({
    status: 'down',
    message,
    proves,
    errorKind,
    remedy,
  });
  if (error.kind === 'quota') return down(error, 'quota', say('add-credit'));
  if (status === 401) return down(error, 'auth', say('set-key'));
  if (status === 403) {
    const message = say('models-forbidden', { host });
    return { status: 'unknown', message, proves, errorKind: 'auth', remedy: say('permit-models') };
  }
  // Many compatible servers have no such route at all.
  if (profile.modelProbe === 'list' && (status === 404 || status === 405 || status === 501)) {
    return { status: 'unknown', message: say('lists-nothing', { host, status }), proves };
  }
  if (status === 404 || status === 410) {
    return down(say('model-invisible', { model, host, status }), 'invalid-request', say('set-model'));
  }
  if (status === 429)
    return { status: 'unknown', message: error, proves: [...proves, say('key-accepted')], errorKind: 'rate-limit' };
  return down(error, error.kind, say('try-later'));
}
