import { isRecord } from '@holodeck/core/backend';

/** `providerOptions.hunyuan` of a request. `style` and `clarity` exist in the API of 2023-09-01 only. */
export interface HunyuanProviderOptions {
  /** Overrides the backend's `watermark` for this request. */
  readonly watermark?: boolean;
  /** Overrides the backend's `rewritePrompt` for this request. Not together with a seed, which rewriting voids. */
  readonly rewritePrompt?: boolean;
  /** A mark of your own instead of the service's; in the vendor's spelling. Turns `watermark` on. */
  readonly logoParam?: HunyuanLogoParam;
  /** API 2023-09-01: a style's code, such as `"shuimo"` (https://cloud.tencent.com/document/product/1729/105846). */
  readonly style?: string;
  /** API 2023-09-01: enlarges the picture. */
  readonly clarity?: 'x2' | 'x4';
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

// What every API takes.
const commonNames: readonly string[] = ['watermark', 'rewritePrompt', 'logoParam'];

/** Options of one API: the values that each may have. */
export type ProviderOptionChoices = Readonly<Record<string, readonly string[]>>;

/**
 * One sentence for each thing that is wrong. Unknown names are refused here, since the service refuses the whole request
 * for them.
 */
export function providerOptionProblems(
  options: Readonly<Record<string, unknown>>,
  choices: ProviderOptionChoices = {},
): readonly string[] {
  const known = [...commonNames, ...Object.keys(choices)];
  const problems = Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => `providerOptions.hunyuan.${name} is unknown; known are ${known.join(', ')}.`);
  for (const [name, values] of Object.entries(choices)) {
    const value = options[name];
    if (value !== undefined && !values.includes(value as string)) {
      problems.push(`providerOptions.hunyuan.${name} is ${JSON.stringify(value)}; it must be ${values.join(', ')}.`);
    }
  }
  for (const name of ['watermark', 'rewritePrompt']) {
    const value = options[name];
    if (value !== undefined && typeof value !== 'boolean') {
      problems.push(`providerOptions.hunyuan.${name} must be true or false, not ${JSON.stringify(value)}.`);
    }
  }
  const { logoParam } = options;
  if (logoParam === undefined) return problems;
  if (options['watermark'] === false) {
    problems.push(
      'providerOptions.hunyuan has a logoParam but watermark is false, which makes it void: leave one out.',
    );
  }
  return [...problems, ...logoProblems(logoParam)];
}

function logoProblems(value: unknown): readonly string[] {
  const name = 'providerOptions.hunyuan.logoParam';
  if (!isRecord(value)) return [`${name} must be an object with LogoUrl or LogoImage, and LogoRect.`];
  const problems = unknownNames(value, name, ['LogoUrl', 'LogoImage', 'LogoRect']);
  const { LogoUrl: url, LogoImage: image, LogoRect: rect } = value;
  if (url === undefined && image === undefined) problems.push(`${name} needs LogoUrl or LogoImage.`);
  if (url !== undefined && (typeof url !== 'string' || !/^https?:\/\/\S+$/.test(url))) {
    problems.push(`${name}.LogoUrl must be an http or https address.`);
  }
  if (image !== undefined && (typeof image !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(image))) {
    problems.push(`${name}.LogoImage must be base64 without a "data:" prefix.`);
  }
  if (rect === undefined) return problems;
  if (!isRecord(rect)) return [...problems, `${name}.LogoRect must be an object with X, Y, Width and Height.`];
  problems.push(...unknownNames(rect, `${name}.LogoRect`, ['X', 'Y', 'Width', 'Height']));
  for (const [key, side] of Object.entries(rect)) {
    if (!Number.isSafeInteger(side) || (side as number) < 0) {
      problems.push(`${name}.LogoRect.${key} must be a whole number of pixels, not ${JSON.stringify(side)}.`);
    }
  }
  return problems;
}

function unknownNames(value: object, where: string, names: readonly string[]): string[] {
  return Object.keys(value)
    .filter((key) => !names.includes(key))
    .map((key) => `${where}.${key} is unknown; known are ${names.join(', ')}.`);
}
