/**
 * The nodes that the emulator has: those of the common graphs for images, with the inputs, limits and outputs that
 * ComfyUI publishes for them, and two for tests: `TestSleep` (a job of known length, or a runtime error) and `TestBlock`
 * (a branch that is blocked, with or without a message).
 */
import { controlNodes } from './control-nodes.ts';
import { editNodes } from './models/edit-nodes.ts';
import { displayNames } from './display-names.ts';
import type { ComfyUIModels } from './comfyui-settings.ts';

/** A type or a list of choices, then its limits, as `/object_info` spells it. */
export type InputSpecification = readonly [string | readonly string[], Readonly<Record<string, unknown>>?];

export interface NodeDefinition {
  readonly required: Readonly<Record<string, InputSpecification>>;
  readonly optional?: Readonly<Record<string, InputSpecification>>;
  readonly output: readonly string[];
  readonly outputNode?: true;
  readonly category: string;
  readonly module?: string;
}

const samplers = [
  'euler',
  'euler_cfg_pp',
  'euler_ancestral',
  'euler_ancestral_cfg_pp',
  'heun',
  'heunpp2',
  'exp_heun_2_x0',
  'exp_heun_2_x0_sde',
  'dpm_2',
  'dpm_2_ancestral',
  'lms',
  'dpm_fast',
  'dpm_adaptive',
  'dpmpp_2s_ancestral',
  'dpmpp_2s_ancestral_cfg_pp',
  'dpmpp_sde',
  'dpmpp_sde_gpu',
  'dpmpp_2m',
  'dpmpp_2m_cfg_pp',
  'dpmpp_2m_sde',
  'dpmpp_2m_sde_gpu',
  'dpmpp_2m_sde_heun',
  'dpmpp_2m_sde_heun_gpu',
  'dpmpp_3m_sde',
  'dpmpp_3m_sde_gpu',
  'ddpm',
  'lcm',
  'ipndm',
  'ipndm_v',
  'deis',
  'res_multistep',
  'res_multistep_cfg_pp',
  'res_multistep_ancestral',
  'res_multistep_ancestral_cfg_pp',
  'gradient_estimation',
  'gradient_estimation_cfg_pp',
  'er_sde',
  'seeds_2',
  'seeds_3',
  'sa_solver',
  'sa_solver_pece',
  'ddim',
  'uni_pc',
  'uni_pc_bh2',
];
const schedulers = [
  'simple',
  'sgm_uniform',
  'karras',
  'exponential',
  'ddim_uniform',
  'beta',
  'normal',
  'linear_quadratic',
  'kl_optimal',
];
const scaling = ['nearest-exact', 'bilinear', 'area', 'bicubic', 'lanczos'];
const clipTypes = [
  'stable_diffusion',
  'stable_cascade',
  'sd3',
  'stable_audio',
  'mochi',
  'ltxv',
  'pixart',
  'cosmos',
  'lumina2',
  'wan',
  'hidream',
  'chroma',
  'ace',
  'omnigen2',
  'qwen_image',
  'hunyuan_image',
  'flux2',
  'ovis',
  'longcat_image',
  'cogvideox',
  'lens',
  'pixeldit',
  'ideogram4',
  'boogu',
  'krea2',
  'joyimage',
  'mage',
  'minimax',
];
const dualClipTypes = ['sdxl', 'sd3', 'flux', 'hunyuan_video', 'hidream', 'hunyuan_image'];

const whole = (
  initial: number,
  min: number,
  max: number,
  more: Readonly<Record<string, unknown>> = {},
): InputSpecification => ['INT', { default: initial, min, max, ...more }];
const decimal = (initial: number, min: number, max: number, step: number): InputSpecification => [
  'FLOAT',
  { default: initial, min, max, step },
];
const seed = whole(0, 0, 2 ** 64, { control_after_generate: true });
const side = (initial: number, min: number, step: number): InputSpecification => whole(initial, min, 16_384, { step });
const batch = whole(1, 1, 4096);
const custom = 'comfy_extras.nodes_custom_sampler';

/** All definitions; choices of model files follow the settings. */
export function nodeDefinitions(models: Partial<ComfyUIModels>): Readonly<Record<string, NodeDefinition>> {
  const checkpoints = models.checkpoints ?? [];
  const diffusionModels = models.diffusion_models ?? [];
  const textEncoders = models.text_encoders ?? [];
  const vaes = [...(models.vae ?? []), 'pixel_space'];
  const loras = models.loras ?? [];
  return {
    ...controlNodes(models.controlnet ?? []),
    ...editNodes(models),
    EmptyImage: {
      required: {
        width: side(512, 1, 1),
        height: side(512, 1, 1),
        batch_size: batch,
        color: whole(0, 0, 16_777_215, { step: 1, display: 'color' }),
      },
      output: ['IMAGE'],
      category: 'image',
    },
    LoadImage: { required: { image: [[], { image_upload: true }] }, output: ['IMAGE', 'MASK'], category: 'image' },
    SaveImage: {
      required: {
        images: ['IMAGE', { tooltip: 'The images to save.' }],
        filename_prefix: ['STRING', { default: 'ComfyUI' }],
      },
      output: ['IMAGE'],
      outputNode: true,
      category: 'image',
    },
    VAEDecodeHunyuan3D: {
      required: {
        samples: ['LATENT'],
        vae: ['VAE'],
        num_chunks: ['INT', { default: 8000, min: 1000, max: 500_000 }],
        octree_resolution: ['INT', { default: 256, min: 16, max: 512 }],
      },
      output: ['VOXEL'],
      category: 'latent/3d',
      module: 'comfy_extras.nodes_hunyuan3d',
    },
    VoxelToMeshBasic: {
      required: { voxel: ['VOXEL'], threshold: ['FLOAT', { default: 0.6, min: -1, max: 1, step: 0.01 }] },
      output: ['MESH'],
      category: '3d',
      module: 'comfy_extras.nodes_hunyuan3d',
    },
    SaveGLB: {
      required: { mesh: ['MESH'], filename_prefix: ['STRING', { default: 'mesh/ComfyUI' }] },
      output: [],
      outputNode: true,
      category: '3d',
      module: 'comfy_extras.nodes_hunyuan3d',
    },
    PreviewImage: { required: { images: ['IMAGE'] }, output: ['IMAGE'], outputNode: true, category: 'image' },
    SaveImageWebsocket: {
      required: { images: ['IMAGE'] },
      output: [],
      outputNode: true,
      category: 'image',
      module: 'custom_nodes.websocket_image_save',
    },
    PrimitiveStringMultiline: {
      required: { value: ['STRING', { multiline: true }] },
      output: ['STRING'],
      category: 'utilities/primitive',
      module: 'comfy_extras.nodes_primitive',
    },
    PreviewAny: {
      required: { source: ['*', {}] },
      output: ['STRING'],
      outputNode: true,
      category: 'utilities',
      module: 'comfy_extras.nodes_preview_any',
    },
    GetImageSize: {
      required: { image: ['IMAGE', {}] },
      output: ['INT', 'INT', 'INT'],
      category: 'image',
      module: 'comfy_extras.nodes_images',
    },
    ImageScale: {
      required: {
        image: ['IMAGE'],
        upscale_method: [scaling],
        width: side(512, 0, 1),
        height: side(512, 0, 1),
        crop: [['disabled', 'center']],
      },
      output: ['IMAGE'],
      category: 'image/upscaling',
    },
    ImageInvert: { required: { image: ['IMAGE'] }, output: ['IMAGE'], category: 'image' },
    ImageBatch: { required: { image1: ['IMAGE'], image2: ['IMAGE'] }, output: ['IMAGE'], category: 'image' },
    CheckpointLoaderSimple: {
      required: { ckpt_name: [checkpoints, { tooltip: 'The name of the checkpoint (model) to load.' }] },
      output: ['MODEL', 'CLIP', 'VAE'],
      category: 'loaders',
    },
    UNETLoader: {
      required: {
        unet_name: [diffusionModels],
        weight_dtype: [['default', 'fp8_e4m3fn', 'fp8_e4m3fn_fast', 'fp8_e5m2']],
      },
      output: ['MODEL'],
      category: 'model/loaders',
    },
    CLIPLoader: {
      required: { clip_name: [textEncoders], type: [clipTypes] },
      output: ['CLIP'],
      category: 'model/loaders',
    },
    DualCLIPLoader: {
      required: { clip_name1: [textEncoders], clip_name2: [textEncoders], type: [dualClipTypes] },
      output: ['CLIP'],
      category: 'model/loaders',
    },
    VAELoader: { required: { vae_name: [vaes] }, output: ['VAE'], category: 'model/loaders' },
    LoraLoader: {
      required: {
        model: ['MODEL'],
        clip: ['CLIP'],
        lora_name: [loras],
        strength_model: decimal(1, -100, 100, 0.01),
        strength_clip: decimal(1, -100, 100, 0.01),
      },
      output: ['MODEL', 'CLIP'],
      category: 'loaders',
    },
    ModelSamplingAuraFlow: {
      required: { model: ['MODEL'], shift: decimal(1.73, 0, 100, 0.01) },
      output: ['MODEL'],
      category: 'advanced/model',
      module: 'comfy_extras.nodes_model_advanced',
    },
    CLIPTextEncode: {
      required: { text: ['STRING', { multiline: true, dynamicPrompts: true }], clip: ['CLIP'] },
      output: ['CONDITIONING'],
      category: 'conditioning',
    },
    FluxGuidance: {
      required: { conditioning: ['CONDITIONING', {}], guidance: decimal(3.5, 0, 100, 0.1) },
      output: ['CONDITIONING'],
      category: 'advanced/conditioning/flux',
      module: 'comfy_extras.nodes_flux',
    },
    ConditioningZeroOut: {
      required: { conditioning: ['CONDITIONING'] },
      output: ['CONDITIONING'],
      category: 'advanced/conditioning',
    },
    EmptyLatentImage: {
      required: { width: side(512, 16, 8), height: side(512, 16, 8), batch_size: batch },
      output: ['LATENT'],
      category: 'latent',
    },
    EmptySD3LatentImage: {
      required: { width: side(1024, 16, 16), height: side(1024, 16, 16), batch_size: batch },
      output: ['LATENT'],
      category: 'latent/sd3',
      module: 'comfy_extras.nodes_sd3',
    },
    RepeatLatentBatch: {
      required: { samples: ['LATENT'], amount: whole(1, 1, 64) },
      output: ['LATENT'],
      category: 'latent/batch',
    },
    KSampler: {
      required: {
        model: ['MODEL'],
        seed,
        steps: whole(20, 1, 10_000),
        cfg: decimal(8, 0, 100, 0.1),
        sampler_name: [samplers, { tooltip: 'The algorithm used when sampling.' }],
        scheduler: [schedulers, { tooltip: 'Controls how noise is removed.' }],
        positive: ['CONDITIONING'],
        negative: ['CONDITIONING'],
        latent_image: ['LATENT'],
        denoise: decimal(1, 0, 1, 0.01),
      },
      output: ['LATENT'],
      category: 'sampling',
    },
    KSamplerSelect: {
      required: { sampler_name: ['COMBO', { options: samplers }] },
      output: ['SAMPLER'],
      category: 'sampling',
      module: custom,
    },
    BasicScheduler: {
      required: {
        model: ['MODEL', {}],
        scheduler: ['COMBO', { options: schedulers }],
        steps: whole(20, 1, 10_000),
        denoise: decimal(1, 0, 1, 0.01),
      },
      output: ['SIGMAS'],
      category: 'sampling',
      module: custom,
    },
    BasicGuider: {
      required: { model: ['MODEL', {}], conditioning: ['CONDITIONING', {}] },
      output: ['GUIDER'],
      category: 'sampling',
      module: custom,
    },
    RandomNoise: { required: { noise_seed: seed }, output: ['NOISE'], category: 'sampling', module: custom },
    SamplerCustomAdvanced: {
      required: {
        noise: ['NOISE', {}],
        guider: ['GUIDER', {}],
        sampler: ['SAMPLER', {}],
        sigmas: ['SIGMAS', {}],
        latent_image: ['LATENT', {}],
      },
      output: ['LATENT', 'LATENT'],
      category: 'sampling',
      module: custom,
    },
    VAEDecode: { required: { samples: ['LATENT'], vae: ['VAE'] }, output: ['IMAGE'], category: 'latent' },
    VAEEncode: { required: { pixels: ['IMAGE'], vae: ['VAE'] }, output: ['LATENT'], category: 'latent' },
    TestSleep: {
      required: {
        image: ['IMAGE'],
        steps: whole(10, 1, 10_000),
        ms: whole(50, 0, 600_000),
        fail: ['BOOLEAN', { default: false }],
      },
      output: ['IMAGE'],
      category: 'test',
      module: 'custom_nodes.emulator_test_nodes',
    },
    TestBlock: {
      required: { image: ['IMAGE'], message: ['STRING', { default: '' }] },
      output: ['IMAGE'],
      category: 'test',
      module: 'custom_nodes.emulator_test_nodes',
    },
  };
}

/** A definition as `/object_info` shows it. */
export function objectInfo(
  name: string,
  definition: NodeDefinition,
  inputFiles: readonly string[],
): Record<string, unknown> {
  const required: Record<string, InputSpecification> = { ...definition.required };
  if (name === 'LoadImage') required['image'] = [inputFiles, { image_upload: true }];
  const optional = definition.optional;
  return {
    input: { required, ...(optional === undefined ? {} : { optional }) },
    input_order: {
      required: Object.keys(required),
      ...(optional === undefined ? {} : { optional: Object.keys(optional) }),
    },
    is_input_list: false,
    output: definition.output,
    output_is_list: definition.output.map(() => false),
    output_name: definition.output,
    name,
    display_name: displayNames[name] ?? null,
    description: '',
    python_module: definition.module ?? 'nodes',
    category: definition.category,
    output_node: definition.outputNode === true,
    has_intermediate_output: false,
    search_aliases: [],
  };
}
