import type { ImageRequest } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import { say } from './openai-messages.ts';
import type { OpenAIModelTraits } from './openai-models.ts';
import type { OpenAIProfile } from './openai-profiles.ts';

/** A picture of the caller's: a path, an object with `path` or `bytes`, or the bytes themselves. */
export type PictureOption = string | Uint8Array | { readonly path: string } | { readonly bytes: Uint8Array };

/**
 * What `providerOptions.openai` takes. The profile decides which names a server knows; any other name is refused before
 * anything is sent. Source: https://platform.openai.com/docs/api-reference/images.
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
): readonly Message[] {
  const unknown = Object.keys(request.providerOptions).filter(
    (name) => !(profile.providerOptions as readonly string[]).includes(name),
  );
  if (unknown.length > 0) {
    const known = profile.providerOptions.join(', ');
    return unknown.map((option) => say('option-of-profile', { option, profile: profile.name, known }));
  }
  const options = request.providerOptions as OpenAIProviderOptions;
  return [
    ...valueProblems(options, profile, traits),
    ...editProblems(request, options, traits),
    ...combinationProblems(request, options),
  ];
}

function valueProblems(options: OpenAIProviderOptions, profile: OpenAIProfile, traits: OpenAIModelTraits): Message[] {
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
  readonly problems: Message[] = [];

  oneOf(option: string, value: unknown, allowed: readonly string[]): void {
    if (value === undefined || allowed.includes(value as string)) return;
    this.problems.push(say('option-choice', { option, value: show(value), choices: allowed.join(', ') }));
  }

  range(option: string, value: unknown, min: number, max: number): void {
    if (value === undefined) return;
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return;
    this.problems.push(say('option-range', { option, value: show(value), min, max }));
  }

  text(option: string, value: unknown, max: number): void {
    if (value === undefined) return;
    if (typeof value === 'string' && value !== '' && value.length <= max) return;
    this.problems.push(say('option-text', { option, value: show(value), max }));
  }

  extraBody(value: unknown): void {
    if (value === undefined) return;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.problems.push(say('extra-body-object'));
      return;
    }
    for (const name of Object.keys(value)) {
      if (ownParameters.has(name)) this.problems.push(say('extra-body-own', { name }));
    }
  }
}

function editProblems(request: ImageRequest, options: OpenAIProviderOptions, traits: OpenAIModelTraits): Message[] {
  const problems: Message[] = [];
  const isEdit = request.references.length > 0;
  const overlays = ['mask', 'markup'] as const;
  for (const option of [...overlays, 'inputFidelity'] as const) {
    if (options[option] !== undefined && !isEdit) problems.push(say('option-needs-edit', { option }));
  }
  for (const option of overlays) {
    if (options[option] !== undefined && !isPictureOption(options[option]))
      problems.push(say('option-picture', { option }));
  }
  if (options.mask !== undefined && options.markup !== undefined) problems.push(say('mask-and-markup'));
  if (options.markup !== undefined && !traits.markup) problems.push(say('markup-model'));
  if (isEdit && options.moderation !== undefined) problems.push(say('moderation-edit'));
  if (options.inputFidelity === undefined) return problems;
  if (traits.inputFidelity.length === 0) return [...problems, say('fidelity-none')];
  const check = new ValueCheck();
  check.oneOf('inputFidelity', options.inputFidelity, traits.inputFidelity);
  return [...problems, ...check.problems];
}

function combinationProblems(request: ImageRequest, options: OpenAIProviderOptions): Message[] {
  const problems: Message[] = [];
  if (options.partialImages !== undefined && request.count > 1) problems.push(say('previews-count'));
  if (options.compression !== undefined && request.format !== 'jpeg' && request.format !== 'webp') {
    problems.push(say('compression-format'));
  }
  if (options.safetyIdentifier !== undefined && options.user !== undefined) problems.push(say('user-twice'));
  if (request.background === 'transparent' && request.format === 'jpeg') problems.push(say('transparent-jpeg'));
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
