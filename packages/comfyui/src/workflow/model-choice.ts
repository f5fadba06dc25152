import { say } from '../comfyui-messages.ts';
import { comfyuiError, invalidOptions } from '../comfyui-errors.ts';
import { choicesOf, fetchNodeInfo } from './node-info.ts';
import type { ComfyUIHttp } from '../wire/comfyui-http.ts';

/** Kinds of models whose graphs and settings differ. */
export type ModelFamily = 'sd' | 'sdxl' | 'sd3' | 'flux' | 'qwen-image';

/** The files that a built-in graph loads. */
export type ModelChoice =
  | { readonly loader: 'checkpoint'; readonly family: ModelFamily; readonly checkpoint: string }
  | {
      readonly loader: 'diffusion-model';
      readonly family: 'flux' | 'qwen-image';
      readonly checkpoint: string;
      readonly textEncoders: readonly string[];
      readonly vae: string;
    };

/** A choice, and the files it was chosen from where there were several. */
export interface ChosenModel {
  readonly choice: ModelChoice;
  /** Set when the server offered several and none was named in the options. */
  readonly among?: readonly string[];
}

/** The model files of a server. */
export interface ServerModels {
  readonly checkpoints: readonly string[];
  readonly diffusionModels: readonly string[];
  readonly textEncoders: readonly string[];
  readonly vaes: readonly string[];
}

/** Asks the server for its model files. */
export async function fetchModels(http: ComfyUIHttp, signal: AbortSignal): Promise<ServerModels> {
  const info = await fetchNodeInfo(http, ['CheckpointLoaderSimple', 'UNETLoader', 'CLIPLoader', 'VAELoader'], signal);
  return {
    checkpoints: choicesOf(info.get('CheckpointLoaderSimple'), 'ckpt_name') ?? [],
    diffusionModels: choicesOf(info.get('UNETLoader'), 'unet_name') ?? [],
    textEncoders: choicesOf(info.get('CLIPLoader'), 'clip_name') ?? [],
    vaes: choicesOf(info.get('VAELoader'), 'vae_name') ?? [],
  };
}

/** The family, by the name of a file. */
export function familyOf(file: string): ModelFamily {
  const name = baseName(file);
  if (/flux/.test(name)) {
    return 'flux';
  }
  if (/qwen/.test(name)) {
    return 'qwen-image';
  }
  if (/sd[-_. ]?3|stable-?diffusion-?3/.test(name)) {
    return 'sd3';
  }
  return /xl|pony|illustrious|noobai|animagine/.test(name) ? 'sdxl' : 'sd';
}

/** Checkpoints that make no image from a text. */
const unsuitable =
  /refiner|inpaint|upscal|svd|video|ltx|mochi|audio|hunyuan.?3d|stable.?zero|zero123|3d|edit|kontext|fill|canny|depth/;
const familyOrder: readonly ModelFamily[] = ['flux', 'qwen-image', 'sd3', 'sdxl', 'sd'];

/**
 * Chooses the model of the built-in graphs:
 *
 * 1. what the options name, among checkpoints, then diffusion models;
 * 2. the only checkpoint;
 * 3. of several checkpoints, without those for other purposes (refiner, inpainting, video, ...): Flux, Qwen-Image, SD 3,
 *    SDXL, others, and within a kind the first by name;
 * 4. without checkpoints, Flux or Qwen-Image files for separate loaders.
 *
 * @throws ImageError `invalid-request` when the named one is not there; `unavailable` when there is none at all.
 */
export function chooseModel(models: ServerModels, wanted: string | undefined, label: string): ChosenModel {
  if (wanted !== undefined) {
    return { choice: chooseNamed(models, wanted, label) };
  }
  const [only] = models.checkpoints;
  if (only !== undefined && models.checkpoints.length === 1) {
    return { choice: { loader: 'checkpoint', family: familyOf(only), checkpoint: only } };
  }
  const [best] = models.checkpoints.filter((file) => !unsuitable.test(baseName(file))).sort(byPreference);
  const checkpoint = best ?? only;
  if (checkpoint !== undefined) {
    return { choice: { loader: 'checkpoint', family: familyOf(checkpoint), checkpoint }, among: models.checkpoints };
  }
  const candidates = models.diffusionModels.filter((file) => !unsuitable.test(baseName(file))).sort(byPreference);
  for (const file of candidates) {
    const choice = withLoaders(models, file);
    if (choice !== undefined) {
      return { choice, ...(candidates.length > 1 ? { among: candidates } : {}) };
    }
  }
  throw comfyuiError({
    kind: 'unavailable',
    outcome: 'not-submitted',
    code: 'no-model',
    ...say('model-none', { server: label }),
  });
}

/**
 * Whether a server has the files that another one's models decided.
 *
 * @throws ImageError `unavailable`, so that the job goes to another server.
 */
export function requireModel(models: ServerModels, choice: ModelChoice, label: string): void {
  const needed =
    choice.loader === 'checkpoint'
      ? [[models.checkpoints, choice.checkpoint] as const]
      : [
          [models.diffusionModels, choice.checkpoint] as const,
          [models.vaes, choice.vae] as const,
          ...choice.textEncoders.map((file) => [models.textEncoders, file] as const),
        ];
  const missing = needed.filter(([files, file]) => !files.includes(file)).map(([, file]) => file);
  if (missing.length > 0) {
    throw comfyuiError({
      kind: 'unavailable',
      outcome: 'not-submitted',
      retryable: true,
      code: 'no-model',
      ...say('model-elsewhere', { server: label, files: missing.join(', ') }),
    });
  }
}

function chooseNamed(models: ServerModels, wanted: string, label: string): ModelChoice {
  const checkpoint = findFile(models.checkpoints, wanted);
  if (checkpoint !== undefined) {
    return { loader: 'checkpoint', family: familyOf(checkpoint), checkpoint };
  }
  const file = findFile(models.diffusionModels, wanted);
  if (file === undefined) {
    const all = [...models.checkpoints, ...models.diffusionModels];
    const place = { name: JSON.stringify(wanted), server: label };
    throw invalidOptions(
      all.length === 0 ? say('model-unknown-none', place) : say('model-unknown', { ...place, files: all.join(', ') }),
    );
  }
  const choice = withLoaders(models, file);
  if (choice === undefined) {
    throw invalidOptions(say('model-encoders', { file, server: label }));
  }
  return choice;
}

/** A diffusion model with the text encoders and the VAE of its family, where they are there. */
function withLoaders(models: ServerModels, file: string): ModelChoice | undefined {
  const find = (list: readonly string[], pattern: RegExp): string | undefined =>
    list.find((name) => pattern.test(baseName(name)));
  const family = familyOf(file);
  if (family === 'flux') {
    const clip = find(models.textEncoders, /clip[-_]?l/);
    const t5 = find(models.textEncoders, /t5/);
    const vae = find(models.vaes, /^(?:ae|flux.*(?:ae|vae).*)\.|flux/);
    return clip === undefined || t5 === undefined || vae === undefined
      ? undefined
      : { loader: 'diffusion-model', family, checkpoint: file, textEncoders: [clip, t5], vae };
  }
  if (family === 'qwen-image') {
    const encoder = find(models.textEncoders, /qwen.*2[._]?5.*vl/);
    const vae = find(models.vaes, /qwen.*vae/);
    return encoder === undefined || vae === undefined
      ? undefined
      : { loader: 'diffusion-model', family, checkpoint: file, textEncoders: [encoder], vae };
  }
  return undefined;
}

/** A file by its exact name; else without folder, then without extension, letter case ignored, where that is unique. */
function findFile(files: readonly string[], wanted: string): string | undefined {
  if (files.includes(wanted)) {
    return wanted;
  }
  for (const simplify of [baseName, (file: string) => baseName(file).replace(/\.[a-z0-9]+$/, '')]) {
    const matches = files.filter((file) => simplify(file) === simplify(wanted));
    if (matches.length === 1) {
      return matches[0];
    }
  }
  return undefined;
}

function byPreference(a: string, b: string): number {
  const order = familyOrder.indexOf(familyOf(a)) - familyOrder.indexOf(familyOf(b));
  return order || (baseName(a) < baseName(b) ? -1 : 1);
}

function baseName(file: string): string {
  return file.toLowerCase().split(/[/\\]/).at(-1)!;
}
