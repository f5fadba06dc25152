import { ImageError } from '@holodeck/core';
import { isPlaceholder } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import type { NetworkOptions } from '@holodeck/core';
import type { Clock } from '@holodeck/core/backend';
import { say } from './request-messages.ts';

/**
 * Which of Tencent's services draws.
 *
 * - `image-3.0`: Hunyuan Image 3.0, service aiart, version 2022-12-29 (https://cloud.tencent.com/document/product/1668/124632).
 * - `2023-09-01`: the older hunyuan service, ended 2026-09-30 (https://cloud.tencent.com/announce/detail/2405).
 * - `tokenhub`: the same models behind an API key (https://cloud.tencent.com/document/product/1823/130080).
 * - `hy-image-3.5`: Hy-Image 3.5 behind the same API key (https://cloud.tencent.com/document/product/1823/135745). One request
 *   brings the picture and there is no job, so an answer that is lost is a picture that is lost.
 */
export type HunyuanApiName = 'image-3.0' | '2023-09-01' | 'tokenhub' | 'hy-image-3.5';

/** Options of `createHunyuanBackend`. Durations are in milliseconds. */
export interface HunyuanOptions {
  /** SecretId of a key pair, from https://console.cloud.tencent.com/cam/capi. Needed for `image-3.0`. */
  readonly secretId?: string;
  /** SecretKey of the same pair. */
  readonly secretKey?: string;
  /** Session token of temporary (STS) credentials. */
  readonly token?: string;
  /** TokenHub's API key; for `api: "tokenhub"` and `"hy-image-3.5"`. */
  readonly apiKey?: string;
  /** Default `"ap-guangzhou"`. */
  readonly region?: string;
  /** Default `"image-3.0"`; `"tokenhub"` when only an `apiKey` is given. */
  readonly api?: HunyuanApiName;
  /** May be left out; each API has one model. Old names such as `"hunyuan-pro"` are refused with a hint. */
  readonly model?: string;
  /**
   * Another address of the service: a region-pinned host of the vendor (`"aiart.ap-guangzhou.tencentcloudapi.com"`), or a
   * gateway or emulator (`"http://127.0.0.1:8080"`). Requests to the latter are signed for the vendor's host name, as in
   * production. Default: the vendor's host that routes to the nearest region.
   */
  readonly endpoint?: string;
  /**
   * Whether the service puts its visible mark on the picture. Default false. The service's own default is true, so
   * `LogoAdd` is always sent.
   */
  readonly watermark?: boolean;
  /**
   * Whether the service rewrites the prompt before drawing: often prettier, about 20 s slower, and the seed is void.
   * Default false. The service's own default is true, so `Revise` is always sent. When true, the backend declares no
   * seed.
   */
  readonly rewritePrompt?: boolean;
  /**
   * Names the account in lanes and handles instead of the SecretId. Set it (to the AppId or UIN) with temporary credentials:
   * their SecretId changes, and without it a job cannot be collected with the next pair. Never sent.
   */
  readonly account?: string;
  /**
   * The longest wait for one API request. Default 60 000; for `hy-image-3.5`, which draws meanwhile, 300 000, and 600 000 above
   * 2048x2048 pixels or with more than 3 references.
   */
  readonly requestTimeoutMs?: number;
  /** The largest image that is downloaded, in bytes. Default 64 MiB. */
  readonly maxDownloadBytes?: number;
  /** Proxies, agents and fetch; see `NetworkOptions` of `@holodeck/core`. */
  readonly network?: NetworkOptions;
  /** For tests: a clock. */
  readonly internal?: { readonly clock?: Clock };
}

/** The name that stands in locks, manifests and metrics. */
export const backendName = 'hunyuan';

/** Default of `HunyuanOptions.region`: the region that the vendor's own examples use. */
export const defaultRegion = 'ap-guangzhou';

const apis: readonly string[] = ['image-3.0', '2023-09-01', 'tokenhub', 'hy-image-3.5'] satisfies HunyuanApiName[];
/** Names of all options. */
export const backendOptionNames: ReadonlySet<string> = new Set([
  'secretId',
  'secretKey',
  'token',
  'apiKey',
  'region',
  'api',
  'model',
  'endpoint',
  'watermark',
  'rewritePrompt',
  'account',
  'requestTimeoutMs',
  'maxDownloadBytes',
  'network',
  'internal',
]);

/** Where the key pair is made. */
export const keyPage = 'https://console.cloud.tencent.com/cam/capi';

/** An error of the configuration: nothing was sent. */
export function configurationError(said: Message, kind: 'auth' | 'invalid-request' = 'invalid-request'): ImageError {
  return new ImageError({ kind, outcome: 'not-submitted', backend: backendName, ...said });
}

/** The options with their defaults. All are checked, except that each API checks the credentials that it needs. */
export interface ResolvedOptions {
  readonly api: HunyuanApiName;
  readonly secretId: string | undefined;
  readonly secretKey: string | undefined;
  readonly token: string | undefined;
  readonly apiKey: string | undefined;
  readonly region: string;
  readonly model: string | undefined;
  readonly endpoint: string | undefined;
  readonly watermark: boolean;
  readonly rewritePrompt: boolean;
  readonly account: string | undefined;
  readonly requestTimeoutMs: number;
  /** For requests that take longest. */
  readonly longRequestTimeoutMs: number;
  readonly maxDownloadBytes: number;
  readonly network: NetworkOptions;
  readonly clock: Clock | undefined;
}

/**
 * Checks every option and fills in the defaults.
 * @throws {ImageError} kind `invalid-request`, outcome `not-submitted`; the message names option, value and remedy.
 */
export function resolveOptions(options: HunyuanOptions): ResolvedOptions {
  for (const name of Object.keys(options)) {
    if (backendOptionNames.has(name)) continue;
    throw configurationError(say('option-unknown', { option: name, known: [...backendOptionNames].join(', ') }));
  }
  const apiKey = credential(options.apiKey, 'apiKey');
  const secretId = credential(options.secretId, 'secretId');
  const api = options.api ?? (apiKey !== undefined && secretId === undefined ? 'tokenhub' : 'image-3.0');
  if (!apis.includes(api)) {
    throw configurationError(say('api-unknown', { value: JSON.stringify(api), known: apis.join(', ') }));
  }
  return {
    api,
    secretId,
    secretKey: credential(options.secretKey, 'secretKey'),
    token: credential(options.token, 'token'),
    apiKey,
    region: region(options.region),
    model: text(options.model, 'model'),
    endpoint: text(options.endpoint, 'endpoint'),
    watermark: flag(options.watermark, 'watermark'),
    rewritePrompt: flag(options.rewritePrompt, 'rewritePrompt'),
    account: text(options.account, 'account'),
    requestTimeoutMs: positive(options.requestTimeoutMs, 'requestTimeoutMs', api === 'hy-image-3.5' ? 300_000 : 60_000),
    longRequestTimeoutMs: positive(options.requestTimeoutMs, 'requestTimeoutMs', 600_000),
    maxDownloadBytes: positive(options.maxDownloadBytes, 'maxDownloadBytes', 64 * 1024 * 1024),
    network: options.network ?? {},
    clock: options.internal?.clock,
  };
}

function text(value: unknown, name: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw configurationError(say('option-text', { option: name, type: typeof value }));
  return value.trim() === '' ? undefined : value.trim();
}

// Values of credentials never appear in messages.
function credential(value: unknown, name: string): string | undefined {
  const given = text(value, name);
  if (given === undefined || isPlaceholder(given)) return undefined;
  if (!/^[\x21-\x7e]+$/.test(given)) {
    throw configurationError(say('key-characters', { option: name, page: keyPage }), 'auth');
  }
  return given;
}

function region(value: unknown): string {
  const given = text(value, 'region') ?? defaultRegion;
  if (/^[a-z]{2,}(-[a-z0-9]+)+$/.test(given)) return given;
  throw configurationError(say('region-form', { region: JSON.stringify(given) }));
}

function flag(value: unknown, name: string): boolean {
  if (value === undefined) return false;
  if (typeof value === 'boolean') return value;
  throw configurationError(say('option-flag', { option: name, value: JSON.stringify(value) }));
}

function positive(value: unknown, name: string, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw configurationError(say('option-positive', { option: name, value: JSON.stringify(value) }));
}
