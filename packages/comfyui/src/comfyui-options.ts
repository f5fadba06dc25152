import { say } from './comfyui-messages.ts';
import { credentialHash } from '@holodeck/core/backend';
import { secretsOf } from './wire/caller-secrets.ts';
import { invalidOptions } from './comfyui-errors.ts';
import type { Logger, NetworkOptions } from '@holodeck/core';
import type { Clock, Lane } from '@holodeck/core/backend';
import type { WorkflowBinding } from './workflow/workflow-binding.ts';
import type { WorkflowSource } from './workflow/workflow.ts';

/** How the built-in graphs sample. Absent fields follow the kind of model that is used. */
export interface SamplingOptions {
  readonly steps?: number;
  readonly cfg?: number;
  /** ComfyUI's name of a sampler, such as `"euler"`. */
  readonly samplerName?: string;
  /** ComfyUI's name of a scheduler, such as `"karras"`. */
  readonly scheduler?: string;
  /** How much of an `"init"` reference is painted over, 0 to 1. Default 0.65. */
  readonly denoise?: number;
}

/** A LoRA of the built-in graphs. */
export interface LoraOption {
  /** File name as the server lists it; folder, extension and letter case may be left out. */
  readonly name: string;
  /** For model and text encoder, from -100 to 100. Default 1. */
  readonly strength?: number;
}

/** Options of `createComfyUIBackend`. All are optional; durations are in milliseconds. */
export interface ComfyUIOptions {
  /**
   * The server. A path prefix stays in front of every route; a user and password in it become an Authorization header.
   * Default `http://127.0.0.1:8188`.
   */
  readonly url?: string;
  /** Several servers, each a lane of its own; instead of `url`. They need the same models and custom nodes. */
  readonly urls?: readonly string[];
  /** Sent with every request to the server, for a proxy before it (ComfyUI itself has no login). Never logged. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The user's own graph in API format: a file, or its JSON. Default: the built-in graphs. */
  readonly workflow?: WorkflowSource;
  /** Which inputs of `workflow` take prompt, seed and so on, where titles and guess do not do. */
  readonly binding?: WorkflowBinding;
  /**
   * File name of the checkpoint (or diffusion model) as the server lists it; folder, extension and letter case may be
   * left out with the built-in graphs. Default: the workflow's own; with the built-in graphs, what the server has.
   */
  readonly checkpoint?: string;
  /**
   * File name of the model that follows reference pictures in the built-in graphs, written as for `checkpoint`. Only a model named
   * here uses Redux (FLUX.1) or SDXL's own image conditioning, which keep much of the picture. Default: the scene's own model
   * where it can, else the best that the server has.
   */
  readonly referenceModel?: string;
  /** LoRAs for the built-in graphs, in this order. */
  readonly loras?: readonly LoraOption[];
  /** For the built-in graphs. */
  readonly sampling?: SamplingOptions;
  /** Asks for previews of running jobs: a method of ComfyUI 0.5 and later. Default: the server's own setting. */
  readonly previewMethod?: 'none' | 'auto' | 'latent2rgb' | 'taesd';
  /** Jobs of this client at once on each server (they wait in its queue: it runs one at a time). Default 2. */
  readonly maxConcurrent?: number;
  /**
   * Whether `cancel` may interrupt whatever runs on a server before 0.3.57, or of an unknown version: it may not be able to
   * interrupt one job by its id.
   * Default false.
   */
  readonly interruptAnything?: boolean;
  /** Proxies, a `fetch` or an agent of the caller's. */
  readonly network?: NetworkOptions;
  /** Default: silent. */
  readonly logger?: Logger;
  /** For tests: a clock and shorter waits. */
  readonly internal?: {
    readonly clock?: Clock;
    /** Default 20 000. */
    readonly pingIntervalMs?: number;
    /** Default 1000. */
    readonly statusTimeoutMs?: number;
    /** Default 10 000. */
    readonly backstopMs?: number;
    /** Between the two looks of `locate`, and before it first asks a server again that is away. Default 1000. */
    readonly locateIntervalMs?: number;
  };
}

/** One server after its URL was checked. */
export interface Server {
  /** Without user, password, query and fragment. */
  readonly url: URL;
  /** Host and path, for people. */
  readonly label: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What must not be repeated when the server quotes it; the longest first. */
  readonly secrets: readonly string[];
  readonly lane: Lane;
  readonly credential: string;
}

const defaultUrl = 'http://127.0.0.1:8188';
/** Set by the client itself, or harmful: a foreign Origin makes ComfyUI refuse with 403. */
const reservedHeaders = [
  'origin',
  'host',
  'content-type',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
];

const optionNames: ReadonlySet<string> = new Set([
  'url',
  'urls',
  'headers',
  'workflow',
  'binding',
  'checkpoint',
  'referenceModel',
  'loras',
  'sampling',
  'previewMethod',
  'maxConcurrent',
  'interruptAnything',
  'network',
  'logger',
  'internal',
] satisfies (keyof ComfyUIOptions)[]);

/**
 * Checks the options and gives the servers.
 *
 * @throws ImageError `invalid-request` naming the option.
 */
export function resolveServers(options: ComfyUIOptions): readonly Server[] {
  for (const name of Object.keys(options)) {
    if (!optionNames.has(name)) {
      throw invalidOptions(say('option-unknown', { option: name, known: [...optionNames].slice(0, -1).join(', ') }));
    }
  }
  if (options.url !== undefined && options.urls !== undefined) {
    throw invalidOptions(say('url-and-urls'));
  }
  const { maxConcurrent } = options;
  if (maxConcurrent !== undefined && (!Number.isInteger(maxConcurrent) || maxConcurrent < 1)) {
    throw invalidOptions(say('max-concurrent', { value: String(maxConcurrent) }));
  }
  if (options.binding !== undefined && options.workflow === undefined) {
    throw invalidOptions(say('binding-alone'));
  }
  checkSampling(options.sampling);
  const previewMethods: readonly unknown[] = [undefined, 'none', 'auto', 'latent2rgb', 'taesd'];
  if (!previewMethods.includes(options.previewMethod)) {
    throw invalidOptions(say('preview-method', { value: JSON.stringify(options.previewMethod) }));
  }
  for (const option of ['checkpoint', 'referenceModel'] as const) {
    const name: unknown = options[option];
    if (name !== undefined && (typeof name !== 'string' || name.trim() === '')) {
      throw invalidOptions(say('checkpoint-name', { option }));
    }
  }
  if (options.referenceModel !== undefined && options.workflow !== undefined) {
    throw invalidOptions(say('reference-model-workflow'));
  }
  checkLoras(options);
  const urls = options.urls ?? [options.url ?? defaultUrl];
  if (urls.length === 0) {
    throw invalidOptions(say('urls-empty'));
  }
  const servers = urls.map((url) => readServer(url, options));
  const labels = new Set(servers.map((server) => server.url.href));
  if (labels.size < servers.length) {
    throw invalidOptions(say('urls-twice'));
  }
  return servers;
}

function checkLoras({ loras = [], workflow }: ComfyUIOptions): void {
  if (loras.length > 0 && workflow !== undefined) {
    throw invalidOptions(say('loras-workflow'));
  }
  for (const { name, strength = 1 } of loras) {
    if (typeof name !== 'string' || name.trim() === '' || !(Math.abs(strength) <= 100)) {
      throw invalidOptions(say('lora-option', { name: JSON.stringify(name), strength: String(strength) }));
    }
  }
}

function checkSampling(sampling: SamplingOptions = {}): void {
  const { steps, cfg, denoise, ...words } = sampling;
  if (steps !== undefined && (!Number.isInteger(steps) || steps < 1 || steps > 10_000)) {
    throw invalidOptions(say('sampling-steps', { value: String(steps) }));
  }
  if (cfg !== undefined && !(cfg >= 0 && cfg <= 100)) {
    throw invalidOptions(say('sampling-cfg', { value: String(cfg) }));
  }
  if (denoise !== undefined && !(denoise > 0 && denoise <= 1)) {
    throw invalidOptions(say('sampling-denoise', { value: String(denoise) }));
  }
  for (const name of Object.keys(words)) {
    if (name !== 'samplerName' && name !== 'scheduler') {
      throw invalidOptions(say('sampling-option', { name }));
    }
  }
}

function readServer(text: string, options: ComfyUIOptions): Server {
  const url = typeof text === 'string' && URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw invalidOptions(say('url-invalid', { example: defaultUrl }));
  }
  const headers = readHeaders(options.headers ?? {});
  if (url.username !== '' && headers['authorization'] === undefined) {
    const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers['authorization'] = `Basic ${Buffer.from(pair).toString('base64')}`;
  }
  const secrets = secretsOf(headers, url.searchParams);
  url.username = url.password = url.search = url.hash = '';
  url.pathname = url.pathname.replace(/\/+$/, '');
  const label = `${url.host}${url.pathname === '/' ? '' : url.pathname}`;
  const credential = credentialHash(url.href);
  const lane: Lane = { id: `comfyui:${credential}`, label, defaultMaxConcurrent: options.maxConcurrent ?? 2 };
  return { url, label, headers, secrets, lane, credential };
}

function readHeaders(input: Readonly<Record<string, string>>): Record<string, string> {
  const headers: Record<string, string> = {};
  const headersSoFar = new Headers();
  for (const [name, value] of Object.entries(input)) {
    const lower = name.toLowerCase();
    if (reservedHeaders.includes(lower)) {
      throw invalidOptions(say(lower === 'origin' ? 'header-origin' : 'header-reserved', { name }));
    }
    try {
      headersSoFar.set(name, value);
    } catch {
      throw invalidOptions(say('header-invalid', { name }));
    }
    headers[lower] = value;
  }
  return headers;
}
