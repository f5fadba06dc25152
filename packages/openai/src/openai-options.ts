import { ImageError } from '@holodeck/core';
import { isPlaceholder, readVariable } from '@holodeck/core/backend';
import type { NetworkOptions } from '@holodeck/core';
import type { Environment } from '@holodeck/core/backend';
import { findProfile, profileNames } from './openai-profiles.ts';
import type { OpenAIProfile, OpenAIProfileName } from './openai-profiles.ts';

/** What `createOpenAIBackend` takes. */
export interface OpenAIBackendOptions {
  /** The API key. Required for the profile `openai`; without one no `Authorization` is sent. */
  readonly apiKey?: string;
  /**
   * Used as it is, nothing is appended: OpenAI's ends in `/v1`. Default: `https://api.openai.com/v1` (profile `openai`) or
   * `http://127.0.0.1:1234/v1` (profile `sdcpp`).
   */
  readonly baseURL?: string;
  /** Default `gpt-image-2`; `sd-cpp-local` for the profile `sdcpp`. */
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
] satisfies (keyof OpenAIBackendOptions)[]);

const defaultMaxAnswerBytes = 2 ** 30;

/**
 * Checks the options and fills in the defaults.
 * @throws {ImageError} kind `invalid-request` or `auth`, outcome `not-submitted`.
 */
export function resolveOpenAIOptions(options: OpenAIBackendOptions): ResolvedOpenAIOptions {
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw invalid(`Unknown option ${JSON.stringify(name)}. Known: ${[...known].join(', ')}.`);
  }
  const profile = findProfile(options.profile ?? 'openai');
  if (profile === undefined) {
    throw invalid(`The profile ${JSON.stringify(options.profile)} is unknown. Use one of ${profileNames.join(', ')}.`);
  }
  const apiKey = usable(options.apiKey);
  if (apiKey === undefined && profile.keyRequired) {
    throw new ImageError({
      kind: 'auth',
      outcome: 'not-submitted',
      backend: 'openai',
      message:
        'There is no OpenAI API key. Set OPENAI_API_KEY (https://platform.openai.com/api-keys) or pass apiKey; a server that needs none takes profile "compatible".',
    });
  }
  // Anything else in a header would fail late, and with the key in the message.
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw invalid('The API key has spaces, line breaks or characters outside ASCII. Copy it again.', 'auth');
  }
  const { maxAnswerBytes = defaultMaxAnswerBytes } = options;
  if (!Number.isSafeInteger(maxAnswerBytes) || maxAnswerBytes < 1) {
    throw invalid(`maxAnswerBytes is ${String(maxAnswerBytes)}; use a whole number of bytes from 1.`);
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
  };
}

/**
 * The options that the environment gives: `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OPENAI_IMAGE_MODEL`, `OPENAI_PROFILE`. Empty
 * values and placeholders such as `your_api_key` count as unset. Undefined when OpenAI is not configured: no key, no base URL,
 * and no profile with an address of its own.
 * @throws {ImageError} kind `invalid-request` when `OPENAI_PROFILE` is no profile.
 */
export function openaiOptionsFromEnvironment(environment: Environment = process.env): OpenAIBackendOptions | undefined {
  const options = readOpenAIEnvironment(environment);
  const configured = options.apiKey !== undefined || options.baseURL !== undefined || options.profile === 'sdcpp';
  return configured ? options : undefined;
}

/** The same, whether or not it is enough to work with. */
export function readOpenAIEnvironment(environment: Environment = process.env): OpenAIBackendOptions {
  const apiKey = readVariable(environment, 'OPENAI_API_KEY');
  const baseURL = readVariable(environment, 'OPENAI_BASE_URL');
  const model = readVariable(environment, 'OPENAI_IMAGE_MODEL');
  const profile = readVariable(environment, 'OPENAI_PROFILE');
  if (profile !== undefined && findProfile(profile) === undefined) {
    throw invalid(
      `OPENAI_PROFILE is ${JSON.stringify(profile)}. Use one of ${profileNames.join(', ')}, or leave it out.`,
    );
  }
  return {
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(baseURL === undefined ? {} : { baseURL }),
    ...(model === undefined ? {} : { model }),
    ...(profile === undefined ? {} : { profile: profile as OpenAIProfileName }),
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
    throw invalid(
      `The profile "${profile.name}" needs a base URL: set OPENAI_BASE_URL, such as http://127.0.0.1:8080/v1.`,
    );
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw invalid(
      `The base URL ${JSON.stringify(text.slice(0, 100).replace(/\/\/[^/]*@/, '//'))} is no http or https address.`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid('The base URL must not carry a user name or password; pass a key, or headers.');
  }
  url.hash = '';
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

function checkedHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(new Headers(headers));
  } catch {
    throw invalid('One of the headers has a name or value that HTTP does not allow.');
  }
}

function invalid(message: string, kind: 'invalid-request' | 'auth' = 'invalid-request'): ImageError {
  return new ImageError({ kind, outcome: 'not-submitted', backend: 'openai', message });
}
