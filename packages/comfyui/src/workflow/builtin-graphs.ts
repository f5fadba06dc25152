import { resolveBinding } from './workflow-binding.ts';
import type { ModelChoice, ModelFamily } from './model-choice.ts';
import type { SamplingOptions } from '../comfyui-options.ts';
import type { ResolvedBinding, WorkflowBinding } from './workflow-binding.ts';
import type { Graph, GraphNode } from '../wire/comfyui-wire.ts';

interface FamilySettings {
  readonly steps: number;
  readonly cfg: number;
  readonly samplerName: string;
  readonly scheduler: string;
  readonly latent: 'EmptyLatentImage' | 'EmptySD3LatentImage';
}

/** What the makers of these models recommend (model cards and ComfyUI's own templates). */
const familySettings: Readonly<Record<ModelFamily, FamilySettings>> = {
  sd: { steps: 25, cfg: 7, samplerName: 'dpmpp_2m', scheduler: 'karras', latent: 'EmptyLatentImage' },
  sdxl: { steps: 28, cfg: 6, samplerName: 'dpmpp_2m', scheduler: 'karras', latent: 'EmptyLatentImage' },
  sd3: { steps: 28, cfg: 4.5, samplerName: 'dpmpp_2m', scheduler: 'sgm_uniform', latent: 'EmptySD3LatentImage' },
  flux: { steps: 20, cfg: 1, samplerName: 'euler', scheduler: 'simple', latent: 'EmptySD3LatentImage' },
  'qwen-image': { steps: 20, cfg: 2.5, samplerName: 'euler', scheduler: 'simple', latent: 'EmptySD3LatentImage' },
};

const fluxGuidance = 3.5;
const qwenShift = 3.1;
const defaultDenoise = 0.65;

/** Whether a negative prompt has an effect: with cfg 1 the sampler does not look at it. */
export function takesNegativePrompt(
  choice: Pick<ModelChoice, 'family' | 'checkpoint'>,
  sampling: SamplingOptions,
): boolean {
  return settingsFor(choice, sampling).cfg !== 1;
}

function settingsFor(choice: Pick<ModelChoice, 'family' | 'checkpoint'>, sampling: SamplingOptions): FamilySettings {
  const base = familySettings[choice.family];
  const name = choice.checkpoint.toLowerCase();
  const distilled: Partial<FamilySettings> = /schnell/.test(name)
    ? { steps: 4 }
    : choice.family === 'sdxl' && /turbo|lightning|hyper/.test(name)
      ? { steps: 8, cfg: 1.5, samplerName: 'euler', scheduler: 'sgm_uniform' }
      : {};
  return { ...base, ...distilled, ...sampling };
}

function node(classType: string, title: string, inputs: Readonly<Record<string, unknown>>): GraphNode {
  return { class_type: classType, inputs, _meta: { title } };
}

/** Nodes 4, 15, 16, 17: where model, text encoder and VAE come from. */
function loaderNodes(choice: ModelChoice): {
  nodes: Record<string, GraphNode>;
  model: unknown;
  clip: unknown;
  vae: unknown;
} {
  if (choice.loader === 'checkpoint') {
    const nodes = { '4': node('CheckpointLoaderSimple', 'Checkpoint', { ckpt_name: choice.checkpoint }) };
    return { nodes, model: ['4', 0], clip: ['4', 1], vae: ['4', 2] };
  }
  const [first, second] = choice.textEncoders;
  const encoder =
    choice.family === 'flux'
      ? node('DualCLIPLoader', 'Text encoders', { clip_name1: first, clip_name2: second, type: 'flux' })
      : node('CLIPLoader', 'Text encoder', { clip_name: first, type: 'qwen_image' });
  const nodes: Record<string, GraphNode> = {
    '4': node('UNETLoader', 'Diffusion model', { unet_name: choice.checkpoint, weight_dtype: 'default' }),
    '15': encoder,
    '16': node('VAELoader', 'VAE', { vae_name: choice.vae }),
  };
  if (choice.family === 'qwen-image') {
    nodes['17'] = node('ModelSamplingAuraFlow', 'Shift', { model: ['4', 0], shift: qwenShift });
  }
  return { nodes, model: [choice.family === 'qwen-image' ? '17' : '4', 0], clip: ['15', 0], vae: ['16', 0] };
}

/**
 * A text-to-image graph, or an image-to-image one where `withReference`: the picture is scaled and cropped to the requested
 * size, encoded, and painted over to the extent of `denoise`.
 */
export function buildGraph(
  choice: ModelChoice,
  sampling: SamplingOptions,
  withReference: boolean,
): { graph: Graph; binding: ResolvedBinding } {
  const settings = settingsFor(choice, sampling);
  const { nodes, model, clip, vae } = loaderNodes(choice);
  const guided = choice.family === 'flux';
  const graph: Record<string, GraphNode> = {
    ...nodes,
    '6': node('CLIPTextEncode', 'Positive', { text: '', clip }),
    '7': node('CLIPTextEncode', 'Negative', { text: '', clip }),
    ...(guided ? { '10': node('FluxGuidance', 'Guidance', { conditioning: ['6', 0], guidance: fluxGuidance }) } : {}),
    '3': node('KSampler', 'Sampler', {
      seed: 0,
      steps: settings.steps,
      cfg: settings.cfg,
      sampler_name: settings.samplerName,
      scheduler: settings.scheduler,
      denoise: withReference ? (sampling.denoise ?? defaultDenoise) : 1,
      model,
      positive: [guided ? '10' : '6', 0],
      negative: ['7', 0],
      latent_image: [withReference ? '14' : '5', 0],
    }),
    '8': node('VAEDecode', 'Decode', { samples: ['3', 0], vae }),
    '9': node('SaveImage', 'Save', { images: ['8', 0], filename_prefix: 'holodeck' }),
    ...(withReference
      ? {
          '11': node('LoadImage', 'Reference', { image: '' }),
          '12': node('ImageScale', 'Scale', {
            image: ['11', 0],
            upscale_method: 'lanczos',
            width: 1024,
            height: 1024,
            crop: 'center',
          }),
          '13': node('VAEEncode', 'Encode', { pixels: ['12', 0], vae }),
          '14': node('RepeatLatentBatch', 'Latent', { samples: ['13', 0], amount: 1 }),
        }
      : { '5': node(settings.latent, 'Latent', { width: 1024, height: 1024, batch_size: 1 }) }),
  };
  const paths: WorkflowBinding = {
    prompt: '6.text',
    negativePrompt: settings.cfg === 1 ? [] : '7.text',
    seed: '3.seed',
    width: withReference ? '12.width' : '5.width',
    height: withReference ? '12.height' : '5.height',
    batchSize: withReference ? '14.amount' : '5.batch_size',
    checkpoint: [],
    references: withReference ? ['11.image'] : [],
    outputs: ['9'],
  };
  return { graph, binding: resolveBinding(graph, paths) };
}
