/** Nodes of FLUX.2 and of the models and adapters that follow reference pictures, and those that cut objects out. */
import type { ComfyUIModels } from '../comfyui-settings.ts';
import type { InputSpecification, NodeDefinition } from '../node-definitions.ts';

const whole = (initial: number, min: number, max: number, step = 1): InputSpecification => [
  'INT',
  { default: initial, min, max, step },
];
const decimal = (initial: number, min: number, max: number): InputSpecification => [
  'FLOAT',
  { default: initial, min, max, step: 0.01 },
];
const side = whole(1024, 16, 16_384, 16);
const batch = whole(1, 1, 4096);
const text: InputSpecification = ['STRING', { multiline: true, dynamicPrompts: true }];
const choice = (options: readonly string[]): InputSpecification => ['COMBO', { options }];
const scaling = ['nearest-exact', 'bilinear', 'area', 'bicubic', 'lanczos'];
const conditioning: InputSpecification = ['CONDITIONING', {}];
const sampling = 'comfy_extras.nodes_custom_sampler';
const flux = 'comfy_extras.nodes_flux';

export function editNodes(models: Partial<ComfyUIModels>): Readonly<Record<string, NodeDefinition>> {
  const vision = models.clip_vision ?? [];
  return {
    LoraLoaderModelOnly: {
      required: { model: ['MODEL'], lora_name: [models.loras ?? []], strength_model: decimal(1, -100, 100) },
      output: ['MODEL'],
      category: 'loaders',
    },
    CLIPVisionLoader: { required: { clip_name: [vision] }, output: ['CLIP_VISION'], category: 'loaders' },
    StyleModelLoader: {
      required: { style_model_name: [models.style_models ?? []] },
      output: ['STYLE_MODEL'],
      category: 'loaders',
    },
    ModelPatchLoader: {
      required: { name: [models.model_patches ?? []] },
      output: ['MODEL_PATCH'],
      category: 'advanced/loaders',
      module: 'comfy_extras.nodes_model_patch',
    },
    LoadBackgroundRemovalModel: {
      required: { bg_removal_name: choice(models.background_removal ?? []) },
      output: ['BACKGROUND_REMOVAL'],
      category: 'loaders',
      module: 'comfy_extras.nodes_bg_removal',
    },
    RemoveBackground: {
      required: { image: ['IMAGE', {}], bg_removal_model: ['BACKGROUND_REMOVAL', {}] },
      output: ['MASK'],
      category: 'image',
      module: 'comfy_extras.nodes_bg_removal',
    },
    InvertMask: {
      required: { mask: ['MASK', {}] },
      output: ['MASK'],
      category: 'mask',
      module: 'comfy_extras.nodes_mask',
    },
    JoinImageWithAlpha: {
      required: { image: ['IMAGE', {}], alpha: ['MASK', {}] },
      output: ['IMAGE'],
      category: 'mask/compositing',
      module: 'comfy_extras.nodes_compositing',
    },
    ImageScaleToTotalPixels: {
      required: {
        image: ['IMAGE', {}],
        upscale_method: choice(scaling),
        megapixels: decimal(1, 0.01, 16),
        resolution_steps: whole(1, 1, 256),
      },
      output: ['IMAGE'],
      category: 'image/upscaling',
      module: 'comfy_extras.nodes_post_processing',
    },
    FluxKontextImageScale: {
      required: { image: ['IMAGE', {}] },
      output: ['IMAGE'],
      category: 'advanced/conditioning/flux',
      module: flux,
    },
    FluxKontextMultiReferenceLatentMethod: {
      required: {
        conditioning,
        reference_latents_method: choice(['offset', 'index', 'uxo/uno', 'index_timestep_zero']),
      },
      output: ['CONDITIONING'],
      category: 'advanced/conditioning/flux',
      module: flux,
    },
    ReferenceLatent: {
      required: { conditioning },
      optional: { latent: ['LATENT', {}] },
      output: ['CONDITIONING'],
      category: 'advanced/conditioning/edit_models',
      module: 'comfy_extras.nodes_edit_model',
    },
    TextEncodeQwenImageEdit: {
      required: { clip: ['CLIP', {}], prompt: text },
      optional: { vae: ['VAE', {}], image: ['IMAGE', {}] },
      output: ['CONDITIONING'],
      category: 'advanced/conditioning',
      module: 'comfy_extras.nodes_qwen',
    },
    TextEncodeQwenImageEditPlus: {
      required: { clip: ['CLIP', {}], prompt: text },
      optional: { vae: ['VAE', {}], image1: ['IMAGE', {}], image2: ['IMAGE', {}], image3: ['IMAGE', {}] },
      output: ['CONDITIONING'],
      category: 'advanced/conditioning',
      module: 'comfy_extras.nodes_qwen',
    },
    CFGNorm: {
      required: { model: ['MODEL', {}], strength: decimal(1, 0, 100) },
      output: ['MODEL'],
      category: 'advanced/guidance',
      module: 'comfy_extras.nodes_cfg',
    },
    CLIPVisionEncode: {
      required: { clip_vision: ['CLIP_VISION'], image: ['IMAGE'], crop: [['center', 'none']] },
      output: ['CLIP_VISION_OUTPUT'],
      category: 'conditioning',
    },
    StyleModelApply: {
      required: {
        conditioning: ['CONDITIONING'],
        style_model: ['STYLE_MODEL'],
        clip_vision_output: ['CLIP_VISION_OUTPUT'],
        strength: decimal(1, 0, 10),
        strength_type: [['multiply', 'attn_bias']],
      },
      output: ['CONDITIONING'],
      category: 'conditioning/style_model',
    },
    unCLIPConditioning: {
      required: {
        conditioning: ['CONDITIONING'],
        clip_vision_output: ['CLIP_VISION_OUTPUT'],
        strength: decimal(1, -10, 10),
        noise_augmentation: decimal(0, 0, 1),
      },
      output: ['CONDITIONING'],
      category: 'conditioning',
    },
    USOStyleReference: {
      required: {
        model: ['MODEL', {}],
        model_patch: ['MODEL_PATCH', {}],
        clip_vision_output: ['CLIP_VISION_OUTPUT', {}],
      },
      output: ['MODEL'],
      category: 'advanced/model_patches/flux',
      module: 'comfy_extras.nodes_model_patch',
    },
    EmptyFlux2LatentImage: {
      required: { width: side, height: side, batch_size: batch },
      output: ['LATENT'],
      category: 'latent',
      module: flux,
    },
    Flux2Scheduler: {
      required: { steps: whole(20, 1, 4096), width: side, height: side },
      output: ['SIGMAS'],
      category: 'sampling',
      module: flux,
    },
    SplitSigmasDenoise: {
      required: { sigmas: ['SIGMAS', {}], denoise: decimal(1, 0, 1) },
      output: ['SIGMAS', 'SIGMAS'],
      category: 'sampling',
      module: sampling,
    },
    CFGGuider: {
      required: { model: ['MODEL', {}], positive: conditioning, negative: conditioning, cfg: decimal(8, 0, 100) },
      output: ['GUIDER'],
      category: 'sampling',
      module: sampling,
    },
    DualCFGGuider: {
      required: {
        model: ['MODEL', {}],
        cond1: conditioning,
        cond2: conditioning,
        negative: conditioning,
        cfg_conds: decimal(8, 0, 100),
        cfg_cond2_negative: decimal(8, 0, 100),
        style: choice(['regular', 'nested']),
      },
      output: ['GUIDER'],
      category: 'sampling',
      module: sampling,
    },
  };
}
