import type { ImageFormat } from '@holodeck/core';
import type { OpenAIProviderOptionName } from './openai-provider-options.ts';

/**
 * Names of the profiles. `openai`: OpenAI itself, or a gateway that behaves like it. `compatible`: any server with the same
 * routes; it is sent as little as possible, and every form of answer is read. `sdcpp`: `sd-server` of stable-diffusion.cpp.
 */
export type OpenAIProfileName = 'openai' | 'compatible' | 'sdcpp';

/** How one family of servers differs from the others, as data. */
export interface OpenAIProfile {
  readonly name: OpenAIProfileName;
  /** Used when no base URL is given; absent = a base URL must be given. */
  readonly defaultBaseURL?: string;
  readonly defaultModel: string;
  /** Whether a key must be given. */
  readonly keyRequired: boolean;
  /** Whether sizes follow the rules of OpenAI's models, or are left to the server. */
  readonly sizes: 'by-model' | 'any';
  readonly formats: readonly ImageFormat[];
  readonly transparentBackground: boolean;
  /** Whether an event stream with partial images can be asked for. */
  readonly streaming: boolean;
  /** Where parameters go that OpenAI does not have: the body, or a JSON tag inside the prompt. */
  readonly extensions: 'body' | 'prompt-tag';
  /** Whether the server takes a seed and a negative prompt, as extensions. */
  readonly seedAndNegativePrompt: boolean;
  /** The names that `providerOptions.openai` may have. */
  readonly providerOptions: readonly OpenAIProviderOptionName[];
  /** `retrieve`: GET /models/{id}; `list`: GET /models, for servers that do not route ids or know one fixed id. */
  readonly modelProbe: 'retrieve' | 'list';
  readonly billable: boolean;
  /**
   * Which bodies count as the server's own refusal: OpenAI's `{ error: { message } }` only, or any JSON object with
   * `error`, `detail` or `message`.
   */
  readonly refusalShape: 'openai' | 'any-json';
}

const profiles: Readonly<Record<OpenAIProfileName, OpenAIProfile>> = {
  openai: {
    name: 'openai',
    defaultBaseURL: 'https://api.openai.com/v1',
    defaultModel: 'gpt-image-2',
    keyRequired: true,
    sizes: 'by-model',
    formats: ['png', 'jpeg', 'webp'],
    transparentBackground: true,
    streaming: true,
    extensions: 'body',
    seedAndNegativePrompt: false,
    providerOptions: [
      'quality',
      'moderation',
      'compression',
      'safetyIdentifier',
      'user',
      'inputFidelity',
      'mask',
      'markup',
      'partialImages',
      'complexity',
      'size',
      'extraBody',
    ],
    modelProbe: 'retrieve',
    billable: true,
    refusalShape: 'openai',
  },
  compatible: {
    name: 'compatible',
    defaultModel: 'gpt-image-2',
    keyRequired: false,
    sizes: 'any',
    formats: [],
    transparentBackground: false,
    streaming: false,
    extensions: 'body',
    seedAndNegativePrompt: false,
    providerOptions: ['quality', 'user', 'mask', 'size', 'responseFormat', 'extraBody'],
    modelProbe: 'list',
    billable: true,
    refusalShape: 'any-json',
  },
  sdcpp: {
    name: 'sdcpp',
    defaultBaseURL: 'http://127.0.0.1:1234/v1',
    defaultModel: 'sd-cpp-local',
    keyRequired: false,
    sizes: 'any',
    formats: ['png', 'jpeg'],
    transparentBackground: false,
    streaming: false,
    extensions: 'prompt-tag',
    seedAndNegativePrompt: true,
    providerOptions: ['compression', 'mask', 'extraBody'],
    modelProbe: 'list',
    billable: false,
    refusalShape: 'any-json',
  },
};

/** The profile of that name, or undefined. */
export function findProfile(name: string): OpenAIProfile | undefined {
  return Object.hasOwn(profiles, name) ? profiles[name as OpenAIProfileName] : undefined;
}

/** For error messages. */
export const profileNames: readonly string[] = Object.keys(profiles);
