import type { ImageFormat } from '@holodeck/core';
import type { SizeRule } from '@holodeck/core/backend';
import type { OpenAIProviderOptionName } from './openai-provider-options.ts';
import { serverProfiles } from './server-profiles.ts';

/**
 * Names of the profiles. `openai`: OpenAI itself, or a gateway that behaves like it. `compatible`: any server with the same
 * routes; it is sent as little as possible, and every form of answer is read. `sdcpp`: `sd-server` of stable-diffusion.cpp.
 * `ark`: Volcengine Ark and BytePlus ModelArk (Seedream). `vllm-omni` and `sglang`: your own servers of these names.
 */
export type OpenAIProfileName =
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

/** How a request is written where it is not OpenAI's way. */
export interface ProfileWire {
  /** Paths below the base URL. */
  readonly generate: string;
  readonly edit: string;
  /** How a size is spelled: in one field of that name, as two fields, or as a ratio with a tier. */
  readonly size: 'size' | 'image_size' | 'width-and-height' | 'aspect-ratio';
  /** The field of the number of images. */
  readonly count: 'n' | 'batch_size';
  /**
   * How reference pictures are sent, as data URIs in JSON: `image` (one text, or a list), `image-objects` (xAI), `numbered`
   * (`image`, `image2`, ...), or a list in the field of that name. `image-parts`: as parts of a form, all named `image`.
   */
  readonly references: 'image' | 'image-objects' | 'numbered' | 'reference_images' | 'input_references' | 'image-parts';
  /** Parameters of every request. */
  readonly fixed: Readonly<Record<string, unknown>>;
}

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
  /** Whether the server takes a seed, as an extension. */
  readonly seed: boolean;
  /** Whether the server takes a negative prompt, as an extension. */
  readonly negativePrompt: boolean;
  /** Limits of sizes, by model: the first pattern that matches counts. Default: none. */
  readonly sizeRules?: readonly (readonly [models: RegExp, rule: SizeRule])[];
  /** Images of one request. Default 10. */
  readonly maxCount?: number;
  /** Reference pictures of one request. Default 16. */
  readonly maxReferences?: number;
  /** Default: OpenAI's way. */
  readonly wire?: ProfileWire;
  /** Hosts of the service: where they are reached with another profile, the probe names this one. */
  readonly hosts?: readonly string[];
  /** Path of the list of image models, where it is not `/models`. */
  readonly modelsPath?: string;
  /** The names that `providerOptions.openai` may have. */
  readonly providerOptions: readonly OpenAIProviderOptionName[];
  /** `retrieve`: GET /models/{id}; `list`: GET /models, for servers that do not route ids or know one fixed id. */
  readonly modelProbe: 'retrieve' | 'list';
  readonly billable: boolean;
  /** Whether the server has files and batches. Default false. */
  readonly batches?: boolean;
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
    seed: false,
    negativePrompt: false,
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
    batches: true,
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
    seed: false,
    negativePrompt: false,
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
    seed: true,
    negativePrompt: true,
    providerOptions: ['compression', 'mask', 'extraBody'],
    modelProbe: 'list',
    billable: false,
    refusalShape: 'any-json',
  },
  ...serverProfiles,
};

/** The profile of that name, or undefined. */
export function findProfile(name: string): OpenAIProfile | undefined {
  return Object.hasOwn(profiles, name) ? profiles[name as OpenAIProfileName] : undefined;
}

/** The profile that a known host suggests, or undefined. */
export function profileOfHost(host: string): OpenAIProfileName | undefined {
  const isOf = (known: string): boolean => host === known || host.endsWith(`.${known}`);
  return Object.values(profiles).find(({ hosts = [] }) => hosts.some(isOf))?.name;
}

/** For error messages. */
export const profileNames: readonly string[] = Object.keys(profiles);
