import type { ImageRequest } from '@holodeck/core/backend';
import type { OpenAIModelTraits } from './openai-models.ts';
import type { OpenAIProfile } from './openai-profiles.ts';

/** A picture of the caller's: a path, an object with `path` or `bytes`, or the bytes themselves. */
export type PictureOption = string | Uint8Array | { readonly path: string } | { readonly bytes: Uint8Array };

/**
 * What `providerOptions.openai` takes. Which of them a server knows depends on the profile; a name that it does not know
 * is refused before anything is sent. Source: https://platform.openai.com/docs/api-reference/images.
 */
export interface OpenAIProviderOptions {
  /** `low`, `medium`, `high`, `auto`; `xhigh` and `max` from gpt-image-2.5 on. Default: the service's, `auto`. */
  readonly quality?: string;
  /** `auto` or `low`. Not for requests with reference pictures. */
  readonly moderation?: 'auto' | 'low';
  /** 0-100, for `jpeg` and `webp` (`output_compression`). Default: the service's, 100. */
  readonly compression?: number;
  /** A stable id of your end user, at most 128 characters (`safety_identifier`). */
  readonly safetyIdentifier?: string;
  /** The older spelling of `safetyIdentifier`. */
  readonly user?: string;
  /** `high` or `low`: how closely reference pictures are kept. Only with references; not for gpt-image-2. */
  readonly inputFidelity?: 'high' | 'low';
  /** PNG below 4 MB with the size of the first reference; transparent = change here. Only with references. */
  readonly mask?: PictureOption;
  /** Transparent PNG drawn over the first reference. Only with references and from gpt-image-2.5 on; not with `mask`. */
  readonly markup?: PictureOption;
  /** 0-3: asks for an event stream with so many previews. Only with `count` 1. */
  readonly partialImages?: number;
  /** Effort spent on planning: `low`, `medium` or `high`. */
  readonly complexity?: 'low' | 'medium' | 'high';
  /** `"auto"`, or a size in the server's own words; replaces the request's `size`. */
  readonly size?: string;
  /** Profile `compatible`: `url`, `b64_json`, or whatever the server calls it (`response_format`). */
  readonly responseFormat?: string;
  /** Further parameters of the server, as it spells them. They never replace the ones that are sent anyway. */
  readonly extraBody?: Readonly<Record<string, unknown>>;
}

export type OpenAIProviderOptionName = keyof OpenAIProviderOptions;

/** Names of the body that `extraBody` must not touch. */
const ownParameters = new Set([
  'prompt',
  'model',
  'n',
  'image',
  'image[]',
  'mask',
  'markup',
  'stream',
  'partial_images',
]);

/** One sentence for each thing that would be refused; empty = the options are good. */
export function providerOptionProblems(
  request: ImageRequest,
  profile: OpenAIProfile,
  traits: OpenAIModelTraits,
): readonly string[] {
  const unknown = Object.keys(request.providerOptions).filter(
    (name) => !(profile.providerOptions as readonly string[]).includes(name),
  );
  if (unknown.length > 0) {
    return unknown.map(
      (name) =>
        `providerOptions.openai.${name} is unknown for the profile "${profile.name}". Known: ${profile.providerOptions.join(', ')}.`,
    );
  }
  const options = request.providerOptions as OpenAIProviderOptions;
  return [
    ...valueProblems(options, profile, traits),
    ...editProblems(request, options, traits),
    ...combinationProblems(request, options),
  ];
}

function valueProblems(options: OpenAIProviderOptions, profile: OpenAIProfile, traits: OpenAIModelTraits): string[] {
  const check = new ValueCheck();
  check.oneOf('moderation', options.moderation, ['auto', 'low']);
  check.oneOf('complexity', options.complexity, ['low', 'medium', 'high']);
  check.range('compression', options.compression, 0, 100);
  check.range('partialImages', options.partialImages, 0, 3);
  check.text('safetyIdentifier', options.safetyIdentifier, 128);
  check.text('user', options.user, 512);
  check.text('responseFormat', options.responseFormat, 64);
  check.text('size', options.size, 32);
  if (profile.sizes === 'by-model') check.oneOf('size', options.size, ['auto']);
  if (profile.sizes !== 'by-model') check.text('quality', options.quality, 64);
  else {
    const extended = ['xhigh', 'max'];
    const all = ['low', 'medium', 'high', 'auto', 'standard', 'hd'];
    check.oneOf('quality', options.quality, traits.extendedQuality ? [...all, ...extended] : all);
  }
  check.extraBody(options.extraBody);
  return check.problems;
}

class ValueCheck {
  readonly problems: string[] = [];

  oneOf(name: string, value: unknown, allowed: readonly string[]): void {
    if (value === undefined || allowed.includes(value as string)) return;
    this.problems.push(`providerOptions.openai.${name} is ${show(value)}; use one of ${allowed.join(', ')}.`);
  }

  range(name: string, value: unknown, min: number, max: number): void {
    if (value === undefined) return;
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return;
    this.problems.push(`providerOptions.openai.${name} is ${show(value)}; use a whole number from ${min} to ${max}.`);
  }

  text(name: string, value: unknown, maxLength: number): void {
    if (value === undefined) return;
    if (typeof value === 'string' && value !== '' && value.length <= maxLength) return;
    this.problems.push(`providerOptions.openai.${name} is ${show(value)}; use a text of 1 to ${maxLength} characters.`);
  }

  extraBody(value: unknown): void {
    if (value === undefined) return;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.problems.push('providerOptions.openai.extraBody must be an object.');
      return;
    }
    for (const name of Object.keys(value)) {
      if (!ownParameters.has(name)) continue;
      this.problems.push(`providerOptions.openai.extraBody must not set "${name}"; use the request's own field.`);
    }
  }
}

function editProblems(request: ImageRequest, options: OpenAIProviderOptions, traits: OpenAIModelTraits): string[] {
  const problems: string[] = [];
  const isEdit = request.references.length > 0;
  for (const name of ['mask', 'markup', 'inputFidelity'] as const) {
    if (options[name] !== undefined && !isEdit) {
      problems.push(`providerOptions.openai.${name} needs a reference picture (an edit).`);
    }
  }
  for (const name of ['mask', 'markup'] as const) {
    if (options[name] !== undefined && !isPictureOption(options[name])) {
      problems.push(`providerOptions.openai.${name} must be a path, the bytes, or { path } or { bytes }.`);
    }
  }
  if (options.mask !== undefined && options.markup !== undefined) {
    problems.push('providerOptions.openai.mask and markup cannot be used together.');
  }
  if (options.markup !== undefined && !traits.markup)
    problems.push('providerOptions.openai.markup needs gpt-image-2.5 or newer.');
  if (isEdit && options.moderation !== undefined) {
    problems.push('providerOptions.openai.moderation cannot be sent along with reference pictures. Leave it out.');
  }
  if (options.inputFidelity !== undefined && !traits.inputFidelity.includes(options.inputFidelity)) {
    const allowed = traits.inputFidelity;
    problems.push(
      allowed.length === 0
        ? 'providerOptions.openai.inputFidelity is refused by this model. Leave it out.'
        : `providerOptions.openai.inputFidelity is ${show(options.inputFidelity)}; for this model use ${allowed.join(' or ')}.`,
    );
  }
  return problems;
}

function combinationProblems(request: ImageRequest, options: OpenAIProviderOptions): string[] {
  const problems: string[] = [];
  if (options.partialImages !== undefined && request.count > 1) {
    problems.push('providerOptions.openai.partialImages works with one image only; set count to 1 or leave it out.');
  }
  if (options.compression !== undefined && request.format !== 'jpeg' && request.format !== 'webp') {
    problems.push('providerOptions.openai.compression needs format "jpeg" or "webp".');
  }
  if (options.safetyIdentifier !== undefined && options.user !== undefined) {
    problems.push('providerOptions.openai.user is the older spelling of safetyIdentifier; give one of them.');
  }
  if (request.background === 'transparent' && request.format === 'jpeg') {
    problems.push('A transparent background needs format "png" or "webp".');
  }
  return problems;
}

function isPictureOption(value: unknown): value is PictureOption {
  if (typeof value === 'string') return value !== '';
  if (value instanceof Uint8Array) return true;
  if (typeof value !== 'object' || value === null) return false;
  const { path, bytes } = value as { path?: unknown; bytes?: unknown };
  return (typeof path === 'string' && path !== '') !== bytes instanceof Uint8Array;
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 60);
}
