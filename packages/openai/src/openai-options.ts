import { invalidRequest, isPlaceholder, readVariable } from '@holodeck/core/backend';
import type { NetworkOptions } from '@holodeck/core';
import type { Environment } from '@holodeck/core/backend';
import { say as sayOfBatch } from './batch/batch-messages.ts';
import { say } from './openai-messages.ts';
import { findProfile, profileNames } from './openai-profiles.ts';
import type { OpenAIProfile, OpenAIProfileName } from './openai-profiles.ts';

/** How requests are sent. */
export type OpenAIDelivery = 'direct' | 'batch';

const deliveries: readonly string[] = ['direct', 'batch'] satisfies OpenAIDelivery[];

/** What `createOpenAIBackend` takes. */
export interface OpenAIBackendOptions {
  /** The API key. Required for the profile `openai`; without one no `Authorization` is sent. */
  readonly apiKey?: string;
  /**
   * Used as it is, nothing is appended: OpenAI's ends in `/v1`. Default: `https://api.openai.com/v1` (profile `openai`), or
   * the address of the profile's service; `compatible` has none.
   */
  readonly baseURL?: string;
  /** Default: the profile's; `gpt-image-2` for `openai` and `compatible`. */
  readonly model?: string;
  /** Default `openai`. */
  readonly profile?: OpenAIProfileName;
  /** Sent as `OpenAI-Organization`. Default: none, whatever the environment says. */
  readonly organization?: string;
  /** Sent as `OpenAI-Project`. Default: none, whatever the environment says. */
  readonly project?: string;
  /** Further headers for every request to the server. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How connections are made: proxies, agents. Default: the policy of `@holodeck/core` over `process.env`. */
  readonly network?: NetworkOptions;
  /**
   * `direct`: one request for each image, with the image as its answer. `batch`: requests are gathered and sent as batches, at
   * half the price and within 24 hours; any process can fetch the images. Only with the profile `openai`. Default `direct`.
   */
  readonly delivery?: OpenAIDelivery;
  /** With `batch`: a batch is sent when no request has joined it for so long, in milliseconds. Default 2000. */
  readonly batchGatherMs?: number;
  /**
   * With `batch`: how long the service may lag behind, in milliseconds. A batch whose answer was lost counts as absent, and one
   * that the service does not find any more as lost, after this time. Default 60,000.
   */
  readonly batchListLagMs?: number;
  /** Answers above this size are given up, in bytes. Default 1 GiB. */
  readonly maxAnswerBytes?: number;
}

/** Options that have been checked. */
export interface ResolvedOpenAIOptions {
  readonly apiKey: string | undefined;
  /** Without a trailing slash. */
  readonly baseURL: URL;
  readonly model: string;
  readonly profile: OpenAIProfile;
  readonly organization: string | null;
  readonly project: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly network: NetworkOptions;
  readonly maxAnswerBytes: number;
  readonly delivery: OpenAIDelivery;
  readonly batchGatherMs: number;
  readonly batchListLagMs: number;
}

const known = new Set<string>([
  'apiKey',
  'baseURL',
  'model',
  'profile',
  'organization',
  'project',
  'headers',
  'network',
  'maxAnswerBytes',
  'delivery',
  'batchGatherMs',
  'batchListLagMs',
] satisfies (keyof OpenAIBackendOptions)[]);

const defaultMaxAnswerBytes = 2 ** 30;
const fields = { backend: 'openai' } as const;

/**
 * Checks the options and fills in the defaults.
 * @throws {ImageError} kind `invalid-request` or `auth`, outcome `not-submitted`.
 */
export function resolveOpenAIOptions(options: OpenAIBackendOptions): ResolvedOpenAIOptions {
  for (const name of Object.keys(options)) {
    if (!known.has(name))
      throw invalidRequest(
        say('option-unknown', { option: JSON.stringify(name), known: [...known].join(', ') }),
        fields,
      );
  }
  const profile = findProfile(options.profile ?? 'openai');
  if (profile === undefined) {
    const said = { profile: JSON.stringify(options.profile), profiles: profileNames.join(', ') };
    throw invalidRequest(say('profile-unknown', said), fields);
  }
  const apiKey = usable(options.apiKey);
  if (apiKey === undefined && profile.keyRequired) {
    const said = profile.name === 'openai' ? say('key-missing') : say('key-of-profile', { profile: profile.name });
    throw invalidRequest(said, { ...fields, kind: 'auth' });
  }
  // Anything else fails late, with the key in the message of the HTTP client.
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw invalidRequest(say('key-characters'), { ...fields, kind: 'auth' });
  }
  const { maxAnswerBytes = defaultMaxAnswerBytes } = options;
  if (!Number.isSafeInteger(maxAnswerBytes) || maxAnswerBytes < 1) {
    throw invalidRequest(say('max-answer-bytes', { value: String(maxAnswerBytes) }), fields);
  }
  const { delivery = 'direct' } = options;
  if (!deliveries.includes(delivery)) {
    const said = { delivery: JSON.stringify(delivery), known: deliveries.join(', ') };
    throw invalidRequest(sayOfBatch('delivery-unknown', said), fields);
  }
  if (delivery === 'batch' && profile.batches !== true) {
    throw invalidRequest(sayOfBatch('batch-profile', { profile: profile.name }), fields);
  }
  const model = given(options.model) ?? profile.defaultModel;
  return {
    apiKey,
    baseURL: parseBaseURL(usable(options.baseURL) ?? profile.defaultBaseURL, profile),
    model,
    profile,
    organization: given(options.organization) ?? null,
    project: given(options.project) ?? null,
    headers: checkedHeaders(options.headers ?? {}),
    network: options.network ?? {},
    maxAnswerBytes,
    delivery,
    batchGatherMs: duration('batchGatherMs', options.batchGatherMs, 2000),
    batchListLagMs: duration('batchListLagMs', options.batchListLagMs, 60_000),
  };
}

function duration(option: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw invalidRequest(sayOfBatch('duration-option', { option, value: String(value) }), fields);
}

/**
 * The options that the environment gives: `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OPENAI_IMAGE_MODEL`, `OPENAI_PROFILE`,
 * `OPENAI_DELIVERY`. Empty values and placeholders such as `your_api_key` count as unset. Undefined when OpenAI is not configured: no key, no base URL,
 * and no profile with an address of its own.
 * @throws {ImageError} kind `invalid-request` when `OPENAI_PROFILE` or `OPENAI_DELIVERY` has a value that does not exist.
 */
export function openaiOptionsFromEnvironment(environment: Environment = process.env): OpenAIBackendOptions | undefined {
  const options = readOpenAIEnvironment(environment);
  const profile = findProfile(options.profile ?? 'openai');
  const hasAddress = profile?.keyRequired === false && profile.defaultBaseURL !== undefined;
  const configured = options.apiKey !== undefined || options.baseURL !== undefined || hasAddress;
  return configured ? options : undefined;
}

/** The same, whether or not it is enough to work with. */
export function readOpenAIEnvironment(environment: Environment = process.env): OpenAIBackendOptions {
  const apiKey = readVariable(environment, 'OPENAI_API_KEY');
  const baseURL = readVariable(environment, 'OPENAI_BASE_URL');
  const model = readVariable(environment, 'OPENAI_IMAGE_MODEL');
  const profile = readVariable(environment, 'OPENAI_PROFILE');
  if (profile !== undefined && findProfile(profile) === undefined) {
    const said = { profile: JSON.stringify(profile), profiles: profileNames.join(', ') };
    throw invalidRequest(say('profile-variable', said), fields);
  }
  const delivery = readVariable(environment, 'OPENAI_DELIVERY');
  if (delivery !== undefined && !deliveries.includes(delivery)) {
    const said = { delivery: JSON.stringify(delivery), known: deliveries.join(', ') };
    throw invalidRequest(sayOfBatch('delivery-variable', said), fields);
  }
  return {
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(baseURL === undefined ? {} : { baseURL }),
    ...(model === undefined ? {} : { model }),
    ...(profile === undefined ? {} : { profile: profile as OpenAIProfileName }),
    ...(delivery === undefined ? {} : { delivery: delivery as OpenAIDelivery }),
  };
}

/** Trimmed; undefined for what is empty or a placeholder of an example file. */
function usable(value: string | undefined): string | undefined {
  const text = given(value);
  return text === undefined || isPlaceholder(text) ? undefined : text;
}

/** Trimmed; undefined for what is empty. */
function given(value: string | undefined): string | undefined {
  const text = value?.trim();
  return text === '' ? undefined : text;
}

function parseBaseURL(text: string | undefined, profile: OpenAIProfile): URL {
  if (text === undefined) {
    throw invalidRequest(say('base-url-missing', { profile: profile.name }), fields);
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    const shown = JSON.stringify(text.slice(0, 100).replace(/\/\/[^/]*@/, '//'));
    throw invalidRequest(say('base-url-invalid', { url: shown }), fields);
  }
  if (url.username !== '' || url.password !== '') {
    throw invalidRequest(say('base-url-password'), fields);
  }
  url.hash = '';
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

function checkedHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(new Headers(headers));
  } catch {
    throw invalidRequest(say('header-invalid'), fields);
  }
}
