/** What can be changed while the emulator runs: by `set()`, or by the control endpoint's `settings`. */
import { isRecord } from '../base/is-record.ts';
import type { Duration } from '../base/random.ts';

/**
 * Whose habits it has. `openai`: strict, base64. `compatible`: ignores what it does not know, answers with addresses unless
 * base64 is asked for, as LocalAI does. `sdcpp`: `sd-server` of stable-diffusion.cpp.
 */
export type OpenAIServerKind = 'openai' | 'compatible' | 'sdcpp';

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
  /** Makes each picture's file this long, by bytes that cannot be compressed (PNG only). Default: as painted. */
  imageBytes: number | undefined;
  /** Life of a picture's address, in milliseconds (server `compatible`). Default one hour. */
  urlLifeMs: number;
  /** Whether addresses are relative to the server (server `compatible`). Default false. */
  relativeUrls: boolean;
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
  imageBytes: undefined,
  urlLifeMs: 3_600_000,
  relativeUrls: false,
};

const isAmount = (value: unknown): boolean => typeof value === 'number' && value >= 0;
const isOptionalAmount = (value: unknown): boolean => value === undefined || value === null || isAmount(value);
const isSwitch = (value: unknown): boolean => typeof value === 'boolean';

const rules: Readonly<Record<keyof OpenAISettings, readonly [(value: unknown) => boolean, string]>> = {
  server: [(value) => ['openai', 'compatible', 'sdcpp'].includes(String(value)), '"openai", "compatible" or "sdcpp"'],
  imageMs: [isDuration, 'milliseconds, or { medianMs, sigma }'],
  imagesPerMinute: [
    (value) => value === 'off' || (typeof value === 'number' && value >= 1),
    'a number from 1, or "off"',
  ],
  credit: [isOptionalAmount, 'a number of images'],
  verified: [isSwitch, 'true or false'],
  mayListModels: [isSwitch, 'true or false'],
  transparentPreview: [isSwitch, 'true or false'],
  variationsStatus: [(value) => value === 404 || value === 410, '404 or 410'],
  imageBytes: [isOptionalAmount, 'a number of bytes'],
  urlLifeMs: [isAmount, 'milliseconds'],
  relativeUrls: [isSwitch, 'true or false'],
};

function isDuration(value: unknown): boolean {
  if (typeof value === 'function') return true;
  return isAmount(value) || (isRecord(value) && isAmount(value['medianMs']) && isAmount(value['sigma']));
}

/**
 * The settings after a change.
 * @throws {TypeError} for a setting that does not exist or has a wrong value.
 */
export function changeOpenAISettings(
  settings: OpenAISettings,
  changes: Readonly<Record<string, unknown>>,
): OpenAISettings {
  const next: Record<string, unknown> = { ...settings };
  for (const [name, value] of Object.entries(changes)) {
    const [check, wanted] = Object.entries(rules).find(([rule]) => rule === name)?.[1] ?? [];
    if (check === undefined) throw new TypeError(`unknown setting ${name}; there are ${Object.keys(rules).join(', ')}`);
    if (!check(value)) throw new TypeError(`the setting ${name} must be ${wanted}`);
    next[name] = value ?? undefined;
  }
  return { ...settings, ...next };
}
