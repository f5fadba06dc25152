import { GraphDraft } from './graph-draft.ts';
import { families } from './model-families.ts';
import { addReferences } from './reference-nodes.ts';
import { resolveBinding } from './workflow-binding.ts';
import { settingsFor, takesNegativePrompt } from './family-settings.ts';
import type { FamilySettings } from './family-settings.ts';
import type { Conditioning, Links } from './graph-draft.ts';
import type { ModelChoice, ModelFile, ReferenceChoice } from './model-choice.ts';
import type { LoraOption, SamplingOptions } from '../comfyui-options.ts';
import type { ResolvedBinding, WorkflowBinding } from './workflow-binding.ts';
import type { Graph } from '../wire/comfyui-wire.ts';

const defaultDenoise = 0.65;

/** What a built-in graph is made for. */
export interface GraphUse {
  /**
   * `text`: from words alone. `init`: a picture is scaled and cropped to the requested size, encoded, and painted over to the
   * extent of `denoise`. A number: so many pictures are followed; the new one begins empty, in the requested size.
   */
  readonly references: 'text' | 'init' | number;
  /** Cuts the object out; the opaque picture is saved beside it. */
  readonly background?: ModelFile;
  /** By the names under which the server lists them. */
  readonly loras?: readonly LoraOption[];
}

/** A graph for a model, with its binding. `choice` is a `ReferenceChoice` where pictures are followed. */
export function buildGraph(
  choice: ModelChoice | ReferenceChoice,
  sampling: SamplingOptions,
  { references, background, loras = [] }: GraphUse,
): { graph: Graph; binding: ResolvedBinding } {
  const settings = settingsFor(choice, sampling);
  const draft = new GraphDraft();
  const links = loaderNodes(draft, choice, settings, loras);
  const count = typeof references === 'number' ? references : 0;
  const following = count > 0 && 'model' in choice ? choice : undefined;
  const { conditioning, pictures } =
    following === undefined
      ? { conditioning: textNodes(draft, links, settings), pictures: [] }
      : addReferences(draft, links, settings, following, count);
  const initial = references === 'init' ? initNodes(draft, links) : undefined;
  if (initial === undefined) {
    draft.add('5', settings.latent, 'Latent', { width: 1024, height: 1024, batch_size: 1 });
  }
  const denoise = initial === undefined ? 1 : (sampling.denoise ?? defaultDenoise);
  const samples = samplerNodes(draft, conditioning.model ?? links.model, settings, {
    conditioning,
    latent: [initial === undefined ? '5' : '14', 0],
    denoise,
  });
  draft.add('8', 'VAEDecode', 'Decode', { samples, vae: links.vae });
  const outputs = saveNodes(draft, background);
  const sized = initial === undefined ? '5' : '12';
  const scheduled = settings.sampler === 'flux2' ? ['27'] : [];
  const paths: WorkflowBinding = {
    prompt: conditioning.prompt,
    negativePrompt: conditioning.negativePrompt ?? [],
    seed: settings.sampler === undefined ? '3.seed' : '25.noise_seed',
    width: [sized, ...scheduled].map((id) => `${id}.width`),
    height: [sized, ...scheduled].map((id) => `${id}.height`),
    batchSize: initial === undefined ? '5.batch_size' : '14.amount',
    checkpoint: [],
    references: initial === undefined ? pictures.map((input) => ({ input, role: 'style' as const })) : ['11.image'],
    outputs,
  };
  return { graph: draft.graph, binding: resolveBinding(draft.graph, paths) };
}

/** Nodes 4, 15, 16, 17, 18 and 20, and those from 60 on for the caller's LoRAs: where model, text encoder and VAE come from. */
function loaderNodes(
  draft: GraphDraft,
  { family, files }: ModelChoice,
  settings: FamilySettings,
  loras: readonly LoraOption[],
): Links {
  const named = (folder: ModelFile['folder']): string[] =>
    files.filter((file) => file.folder === folder).map(({ name }) => name);
  const [main] = files;
  let links: Links;
  if (main!.folder === 'checkpoints') {
    draft.add('4', 'CheckpointLoaderSimple', 'Checkpoint', { ckpt_name: main!.name });
    links = { model: ['4', 0], clip: ['4', 1], vae: ['4', 2] };
  } else {
    const [first, second] = named('text_encoders');
    const [vae] = named('vae');
    draft.add('4', 'UNETLoader', 'Diffusion model', { unet_name: main!.name, weight_dtype: 'default' });
    if (second === undefined) {
      draft.add('15', 'CLIPLoader', 'Text encoder', { clip_name: first, type: families[family].encoderType });
    } else {
      draft.add('15', 'DualCLIPLoader', 'Text encoders', { clip_name1: first, clip_name2: second, type: 'flux' });
    }
    draft.add('16', 'VAELoader', 'VAE', { vae_name: vae });
    links = { model: ['4', 0], clip: ['15', 0], vae: ['16', 0] };
  }
  for (const [index, { name, strength = 1 }] of loras.entries()) {
    const id = String(60 + index);
    const strengths = { strength_model: strength, strength_clip: strength };
    const { model, clip } = links;
    draft.add(id, 'LoraLoader', `LoRA ${index + 1}`, { model, clip, lora_name: name, ...strengths });
    links = { ...links, model: [id, 0], clip: [id, 1] };
  }
  let { model } = links;
  for (const lora of named('loras')) {
    model = draft.add('20', 'LoraLoaderModelOnly', 'LoRA', { model, lora_name: lora, strength_model: 1 });
  }
  if (settings.shift !== undefined) {
    model = draft.add('17', 'ModelSamplingAuraFlow', 'Shift', { model, shift: settings.shift });
  }
  if (settings.normed === true) {
    model = draft.add('18', 'CFGNorm', 'Norm', { model, strength: 1 });
  }
  return { ...links, model };
}

/** Nodes 6, 7 and 10: the words. */
function textNodes(draft: GraphDraft, { clip }: Links, settings: FamilySettings): Conditioning {
  const words = draft.add('6', 'CLIPTextEncode', 'Positive', { text: '', clip });
  const negative = draft.addNegative(settings, words, 'CLIPTextEncode', { text: '', clip });
  return {
    positive: draft.addGuidance(settings.guidance, words),
    negative,
    prompt: '6.text',
    ...(takesNegativePrompt(settings) ? { negativePrompt: '7.text' } : {}),
  };
}

/** Nodes 11 to 14: a picture to start from. */
function initNodes(draft: GraphDraft, { vae }: Links): true {
  const image = draft.add('11', 'LoadImage', 'Reference', { image: '' });
  const size = { width: 1024, height: 1024, crop: 'center' };
  const pixels = draft.add('12', 'ImageScale', 'Scale', { image, upscale_method: 'lanczos', ...size });
  const samples = draft.add('13', 'VAEEncode', 'Encode', { pixels, vae });
  draft.add('14', 'RepeatLatentBatch', 'Latent', { samples, amount: 1 });
  return true;
}

interface SamplerInputs {
  readonly conditioning: Conditioning;
  readonly latent: readonly [string, number];
  readonly denoise: number;
}

/** Node 3, with 25 to 29 where guider, noise and sigmas are nodes of their own. */
function samplerNodes(
  draft: GraphDraft,
  model: Links['model'],
  { steps, cfg, samplerName, scheduler, sampler, guidance }: FamilySettings,
  { conditioning: { positive, negative, second }, latent, denoise }: SamplerInputs,
): Links['model'] {
  if (sampler === undefined) {
    const how = { steps, cfg, sampler_name: samplerName, scheduler, denoise };
    return draft.add('3', 'KSampler', 'Sampler', { seed: 0, ...how, model, positive, negative, latent_image: latent });
  }
  let sigmas: Links['model'];
  if (sampler === 'dual') {
    sigmas = draft.add('27', 'BasicScheduler', 'Sigmas', { model, scheduler, steps, denoise });
  } else {
    sigmas = draft.add('27', 'Flux2Scheduler', 'Sigmas', { steps, width: 1024, height: 1024 });
    if (denoise < 1) {
      const [split] = draft.add('29', 'SplitSigmasDenoise', 'Denoise', { sigmas, denoise });
      sigmas = [split, 1];
    }
  }
  const guider =
    sampler === 'dual'
      ? draft.add('28', 'DualCFGGuider', 'Guider', {
          model,
          cond1: positive,
          cond2: second ?? negative,
          negative,
          cfg_conds: cfg,
          cfg_cond2_negative: 2,
          style: 'regular',
        })
      : guidance === undefined
        ? draft.add('28', 'CFGGuider', 'Guider', { model, positive, negative, cfg })
        : draft.add('28', 'BasicGuider', 'Guider', { model, conditioning: positive });
  return draft.add('3', 'SamplerCustomAdvanced', 'Sampler', {
    noise: draft.add('25', 'RandomNoise', 'Noise', { noise_seed: 0 }),
    guider,
    sampler: draft.add('26', 'KSamplerSelect', 'Method', { sampler_name: samplerName }),
    sigmas,
    latent_image: latent,
  });
}

/**
 * Node 9 saves the result. With `background`, 50 to 53 give it an alpha channel (`JoinImageWithAlpha` takes the mask inverted), and
 * 54 keeps the opaque picture, so that a bad mask does not cost it.
 */
function saveNodes(draft: GraphDraft, background: ModelFile | undefined): string[] {
  const image: Links['model'] = ['8', 0];
  if (background === undefined) {
    draft.add('9', 'SaveImage', 'Save', { images: image, filename_prefix: 'holodeck' });
    return ['9'];
  }
  const cutter = draft.add('50', 'LoadBackgroundRemovalModel', 'Cutter', { bg_removal_name: background.name });
  const mask = draft.add('51', 'RemoveBackground', 'Mask', { image, bg_removal_model: cutter });
  const alpha = draft.add('52', 'InvertMask', 'Inverted mask', { mask });
  const images = draft.add('53', 'JoinImageWithAlpha', 'Cut out', { image, alpha });
  draft.add('9', 'SaveImage', 'Save', { images, filename_prefix: 'holodeck' });
  draft.add('54', 'SaveImage', 'Save opaque', { images: image, filename_prefix: 'holodeck' });
  return ['9'];
}
