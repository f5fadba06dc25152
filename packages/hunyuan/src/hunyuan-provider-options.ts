import { isRecord } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import { say } from './request-messages.ts';

const prefix = 'providerOptions.hunyuan.';

/** `providerOptions.hunyuan` of a request. `style` and `clarity` exist in the API of 2023-09-01 only. */
export interface HunyuanProviderOptions {
  /** Overrides the backend's `watermark` for this request. On hy-image-3.5 it is sent as `logo_add: 1`, and only when it is on. */
  readonly watermark?: boolean;
  /** Overrides the backend's `rewritePrompt` for this request. Not together with a seed, which rewriting voids. */
  readonly rewritePrompt?: boolean;
  /** A mark of your own instead of the service's; in the vendor's spelling. Turns `watermark` on. */
  readonly logoParam?: HunyuanLogoParam;
  /** API 2023-09-01: a style's code, such as `"shuimo"` (https://cloud.tencent.com/document/product/1729/105846). */
  readonly style?: string;
  /** API 2023-09-01: enlarges the picture. */
  readonly clarity?: 'x2' | 'x4';
  /** API hy-image-3.5: words of your own in the picture's lower right corner, at most 16 characters. Default: none. */
  readonly footnote?: string;
}

/** The vendor's LogoParam (https://cloud.tencent.com/document/product/1668/124632). */
export interface HunyuanLogoParam {
  /** Wins where both are given. */
  readonly LogoUrl?: string;
  /** Base64, without a `data:` prefix. */
  readonly LogoImage?: string;
  /** In pixels. */
  readonly LogoRect?: { readonly X?: number; readonly Y?: number; readonly Width?: number; readonly Height?: number };
}

/** In code points (https://docs.cloudbase.net/ai/ai-inspire-plan-image-3.5-preview). */
const maxFootnoteLength = 16;

// What every API with jobs takes.
const commonNames: readonly string[] = ['watermark', 'rewritePrompt', 'logoParam'];

/** Options of one API: the values that each may have. */
export type ProviderOptionChoices = Readonly<Record<string, readonly string[]>>;

/** One message for each problem. Unknown names are refused here, because the service refuses the whole request for them. */
export function providerOptionProblems(
  options: Readonly<Record<string, unknown>>,
  choices: ProviderOptionChoices = {},
  names: readonly string[] = commonNames,
): readonly Message[] {
  const known = [...names, ...Object.keys(choices)];
  const problems = Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => say('provider-option', { name: `${prefix}${name}`, known: known.join(', ') }));
  for (const [name, values] of Object.entries(choices)) {
    const value = options[name];
    if (value !== undefined && !values.includes(value as string)) {
      const parts = { name: `${prefix}${name}`, value: JSON.stringify(value), known: values.join(', ') };
      problems.push(say('provider-choice', parts));
    }
  }
  for (const name of ['watermark', 'rewritePrompt']) {
    const value = options[name];
    if (value !== undefined && typeof value !== 'boolean') {
      problems.push(say('provider-flag', { name: `${prefix}${name}`, value: JSON.stringify(value) }));
    }
  }
  const { logoParam, footnote } = options;
  if (footnote !== undefined && known.includes('footnote') && !isFootnote(footnote)) {
    const name = `${prefix}footnote`;
    problems.push(say('footnote', { name, max: maxFootnoteLength, value: JSON.stringify(footnote) }));
  }
  if (logoParam === undefined) return problems;
  if (options['watermark'] === false) problems.push(say('logo-off'));
  return [...problems, ...logoProblems(logoParam)];
}

function isFootnote(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && Array.from(value).length <= maxFootnoteLength;
}

function logoProblems(value: unknown): readonly Message[] {
  const name = `${prefix}logoParam`;
  if (!isRecord(value)) return [say('logo-object', { name })];
  const problems = unknownNames(value, name, ['LogoUrl', 'LogoImage', 'LogoRect']);
  const { LogoUrl: url, LogoImage: image, LogoRect: rect } = value;
  if (url === undefined && image === undefined) problems.push(say('logo-picture', { name }));
  if (url !== undefined && (typeof url !== 'string' || !/^https?:\/\/\S+$/.test(url))) {
    problems.push(say('logo-url', { name }));
  }
  if (image !== undefined && (typeof image !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(image))) {
    problems.push(say('logo-base64', { name }));
  }
  if (rect === undefined) return problems;
  if (!isRecord(rect)) return [...problems, say('logo-rect', { name })];
  problems.push(...unknownNames(rect, `${name}.LogoRect`, ['X', 'Y', 'Width', 'Height']));
  for (const [key, side] of Object.entries(rect)) {
    if (!Number.isSafeInteger(side) || (side as number) < 0) {
      problems.push(say('logo-pixels', { name: `${name}.LogoRect.${key}`, value: JSON.stringify(side) }));
    }
  }
  return problems;
}

function unknownNames(value: object, where: string, names: readonly string[]): Message[] {
  return Object.keys(value)
    .filter((key) => !names.includes(key))
    .map((key) => say('provider-option', { name: `${where}.${key}`, known: names.join(', ') }));
}
