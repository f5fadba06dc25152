import { isRecord } from '@holodeck/core/backend';
import { choicesOf, fetchNodeInfo } from './node-info.ts';
import { families } from './model-families.ts';
import { referenceModels } from './reference-ways.ts';
import type { ComfyUIHttp } from '../wire/comfyui-http.ts';
import type { ModelFolder } from './model-families.ts';

/** What a server has for the built-in graphs. */
export interface ServerModels {
  /** Names of files, as the server lists them. */
  readonly files: Readonly<Record<ModelFolder, readonly string[]>>;
  /** Those of the asked classes of nodes that are there. */
  readonly nodes: ReadonlySet<string>;
  /** What `CLIPLoader.type` may be: a server knows the families that it lists. */
  readonly encoderTypes: readonly string[];
}

/** The node and input that list the files of a folder. */
const listedBy: Readonly<Record<ModelFolder, readonly [string, string]>> = {
  checkpoints: ['CheckpointLoaderSimple', 'ckpt_name'],
  diffusion_models: ['UNETLoader', 'unet_name'],
  text_encoders: ['CLIPLoader', 'clip_name'],
  vae: ['VAELoader', 'vae_name'],
  loras: ['LoraLoaderModelOnly', 'lora_name'],
  clip_vision: ['CLIPVisionLoader', 'clip_name'],
  style_models: ['StyleModelLoader', 'style_model_name'],
  model_patches: ['ModelPatchLoader', 'name'],
  background_removal: ['LoadBackgroundRemovalModel', 'bg_removal_name'],
};

/** Loads the `.gguf` files that ComfyUI itself does not list. */
export const ggufLoader = 'UnetLoaderGGUF';

const askedNodes: readonly string[] = [
  ...new Set([
    ...Object.values(listedBy).map(([node]) => node),
    ...[...Object.values(families), ...referenceModels].flatMap(({ node }) => node ?? []),
    ggufLoader,
  ]),
];

/** Asks the server for its model files and for the nodes that only newer versions have. */
export async function fetchModels(http: ComfyUIHttp, signal: AbortSignal): Promise<ServerModels> {
  const info = await fetchNodeInfo(http, askedNodes, signal);
  const listed = Object.entries(listedBy).map(([folder, [node, input]]) => [
    folder,
    choicesOf(info.get(node), input) ?? [],
  ]);
  return {
    files: Object.fromEntries(listed) as Record<ModelFolder, readonly string[]>,
    nodes: new Set(info.keys()),
    encoderTypes: choicesOf(info.get('CLIPLoader'), 'type') ?? [],
  };
}

/**
 * The hash of a model that its file's own header names (`modelspec.hash_sha256`), where it names one: a server hashes nothing
 * itself. Undefined for files without a header, and for servers that do not show it.
 */
export async function fetchHash(
  http: ComfyUIHttp,
  folder: ModelFolder,
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const answer = await http.request(`/view_metadata/${folder}?filename=${encodeURIComponent(name)}`, { signal });
  const hash = answer.status === 200 && isRecord(answer.json) ? answer.json['modelspec.hash_sha256'] : undefined;
  return typeof hash === 'string' && /^(?:0x)?[0-9a-f]{16,}$/i.test(hash)
    ? hash.toLowerCase().replace(/^0x/, '').slice(0, 16)
    : undefined;
}
