/** What can be changed while the emulator runs: by `set()`, or by the control endpoint's `settings`. */
import type { Duration } from '../base/random.ts';
import {
  duration,
  isOptionalAmount,
  milliseconds,
  onOrOff,
  optionalBytes,
  optionalSize,
  rate,
} from '../base/settings.ts';
import type { SettingRules } from '../base/settings.ts';

/**
 * Whose habits it has. `openai`: strict, base64. `compatible`: ignores what it does not know, answers with addresses unless
 * base64 is asked for, as LocalAI does. `sdcpp`: `sd-server` of stable-diffusion.cpp. The others: the service or server of that
 * name, with its own fields, answers and refusals.
 */
export type OpenAIServerKind =
  | 'openai'
  | 'compatible'
  | 'sdcpp'
  | 'ark'
  | 'xai'
  | 'together'
  | 'siliconflow'
  | 'openrouter'
  | 'vllm-omni'
  | 'sglang';

const serverKinds: readonly string[] = [
  'openai',
  'compatible',
  'sdcpp',
  'ark',
  'xai',
  'together',
  'siliconflow',
  'openrouter',
  'vllm-omni',
  'sglang',
] satisfies OpenAIServerKind[];

/** How the emulator of OpenAI Images behaves; all may be changed while it runs. */
export interface OpenAISettings {
  /** Default `openai`. */
  server: OpenAIServerKind;
  /** How long a request takes until its answer, in milliseconds. Default 800. */
  imageMs: Duration;
  /** Images per minute that the account may make, or `off`. Default `off`. */
  imagesPerMinute: number | 'off';
  /** Images that the prepaid credit still buys; then `credit_balance_exhausted`. Default: no end. */
  credit: number | undefined;
  /** Whether the organisation is verified for the models; else 403. Default true. */
  verified: boolean;
  /** Whether the key may look at models; else 403 there, while images work. Default true. */
  mayListModels: boolean;
  /** Whether gpt-image-2 takes `background: "transparent"` (a preview; many accounts are refused). Default true. */
  transparentPreview: boolean;
  /** What `/images/variations` answers: a bare 404 as observed, or 410 as documented. Default 404. */
  variationsStatus: number;
  /** Size of all pictures, whatever was asked for; for measurements. Default: as asked. */
  outputSize: { width: number; height: number } | undefined;
  /** Makes each picture's file this long, by bytes that cannot be compressed (PNG only). Default: as painted. */
  imageBytes: number | undefined;
  /** Life of a picture's address, in milliseconds (server `compatible`). Default one hour. */
  urlLifeMs: number;
  /** Whether addresses are relative to the server (server `compatible`). Default false. */
  relativeUrls: boolean;
  /** How long a batch takes, in milliseconds. Default 2000. */
  batchMs: Duration;
  /** After so many milliseconds a batch expires with what it has. Default 24 hours. */
  batchLifeMs: number;
  /** What `openai-poll-after-ms` says of a batch. Default: no such header. */
  batchPollAfterMs: number | undefined;
  /** Input tokens that may wait in batches; a batch above it fails in validation. Default: no end. */
  enqueuedTokens: number | undefined;
  /** So many milliseconds lists of files and batches lag behind. Default 0. */
  listLagMs: number;
}

export const defaultOpenAISettings: OpenAISettings = {
  server: 'openai',
  imageMs: 800,
  imagesPerMinute: 'off',
  credit: undefined,
  verified: true,
  mayListModels: true,
  transparentPreview: true,
  variationsStatus: 404,
  outputSize: undefined,
  imageBytes: undefined,
  urlLifeMs: 3_600_000,
  relativeUrls: false,
  batchMs: 2000,
  batchLifeMs: 86_400_000,
  batchPollAfterMs: undefined,
  enqueuedTokens: undefined,
  listLagMs: 0,
};

/** What each setting may be. */
export const openaiRules: SettingRules<OpenAISettings> = {
  server: [(value) => serverKinds.includes(String(value)), `one of ${serverKinds.join(', ')}`],
  imageMs: duration,
  imagesPerMinute: rate,
  credit: [isOptionalAmount, 'a number of images'],
  verified: onOrOff,
  mayListModels: onOrOff,
  transparentPreview: onOrOff,
  variationsStatus: [(value) => value === 404 || value === 410, '404 or 410'],
  outputSize: optionalSize,
  imageBytes: optionalBytes,
  urlLifeMs: milliseconds,
  relativeUrls: onOrOff,
  batchMs: duration,
  batchLifeMs: milliseconds,
  batchPollAfterMs: [isOptionalAmount, 'milliseconds'],
  enqueuedTokens: [isOptionalAmount, 'a number of tokens'],
  listLagMs: milliseconds,
};
