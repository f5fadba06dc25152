import type { ImageRequest } from '@holodeck/core/backend';
import type { ResolvedOpenAIOptions } from '../openai-options.ts';
import type { OpenAIProviderOptions } from '../openai-provider-options.ts';
import { withExtraArgs } from './prompt-tag.ts';

/** The scalar parameters of `POST /images/generations` and `POST /images/edits`, as the service spells them. */
export interface ImagesParameters {
  readonly model: string;
  readonly prompt: string;
  readonly n?: number;
  readonly size?: string;
  readonly quality?: string;
  readonly background?: string;
  readonly output_format?: string;
  readonly output_compression?: number;
  readonly moderation?: string;
  readonly safety_identifier?: string;
  readonly user?: string;
  readonly input_fidelity?: string;
  readonly complexity?: string;
  readonly response_format?: string;
  readonly stream?: true;
  readonly partial_images?: number;
  /** Parameters of `extraBody`. */
  readonly [name: string]: unknown;
}

/** The parameters of a request: only those that were given, so that the service's defaults apply to the rest. */
export function imagesParameters(request: ImageRequest, options: ResolvedOpenAIOptions): ImagesParameters {
  const { profile, model } = options;
  const given = request.providerOptions as OpenAIProviderOptions;
  const extensions = {
    ...(request.seed === undefined ? {} : { seed: request.seed }),
    ...(request.negativePrompt === undefined ? {} : { negative_prompt: request.negativePrompt }),
    ...given.extraBody,
  };
  const inPrompt = profile.extensions === 'prompt-tag';
  return {
    ...(inPrompt ? {} : extensions),
    model,
    prompt: inPrompt ? withExtraArgs(request.prompt, extensions) : request.prompt,
    ...(request.count > 1 ? { n: request.count } : {}),
    size: given.size ?? `${request.size.width}x${request.size.height}`,
    ...defined({
      quality: given.quality,
      background: request.background,
      output_format: request.format,
      output_compression: given.compression,
      moderation: given.moderation,
      safety_identifier: given.safetyIdentifier,
      user: given.user,
      input_fidelity: given.inputFidelity,
      complexity: given.complexity,
      response_format: given.responseFormat,
    }),
    ...(given.partialImages === undefined ? {} : { stream: true as const, partial_images: given.partialImages }),
  };
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** `usage` of an answer, in OpenAI's form. Absent is not the same as 0. */
export interface WireUsage {
  readonly input_tokens?: unknown;
  readonly output_tokens?: unknown;
  readonly total_tokens?: unknown;
}

/** `data[]` of an answer; items of compatible servers may have an `error` of their own. */
export interface WireItem {
  readonly b64_json?: unknown;
  readonly url?: unknown;
  readonly revised_prompt?: unknown;
  readonly error?: unknown;
  readonly respect_moderation?: unknown;
}

/** `GET /models/{id}`. */
export interface WireModel {
  readonly id?: unknown;
  /** A date such as `2026-10-23`, or null. */
  readonly shutdown_date?: unknown;
}

/** An error body of OpenAI, or of another server. */
export interface WireError {
  readonly message?: unknown;
  readonly type?: unknown;
  readonly param?: unknown;
  readonly code?: unknown;
  readonly moderation_details?: unknown;
  readonly metadata?: unknown;
}
