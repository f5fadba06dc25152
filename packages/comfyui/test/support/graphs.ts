type Nodes = Record<string, { class_type: string; inputs: Record<string, unknown>; _meta?: { title: string } }>;

/** Needs no model. */
export const plainGraph = (): Nodes => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 512, height: 512, batch_size: 1, color: 255 } },
  '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'mine' } },
});

/** The graph that a fresh ComfyUI shows. */
export const standardGraph = (): Nodes => ({
  '3': {
    class_type: 'KSampler',
    inputs: {
      seed: 156680208700286,
      steps: 4,
      cfg: 8,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
      model: ['4', 0],
      positive: ['6', 0],
      negative: ['7', 0],
      latent_image: ['5', 0],
    },
  },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'emulator-checkpoint.safetensors' } },
  '5': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 512, batch_size: 1 } },
  '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a bottle', clip: ['4', 1] } },
  '7': { class_type: 'CLIPTextEncode', inputs: { text: 'text, watermark', clip: ['4', 1] } },
  '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
  '9': { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: 'ComfyUI' } },
});

/** Saves a 3D model and no picture. */
export const meshGraph = (): Nodes => ({
  '1': standardGraph()['4']!,
  '2': standardGraph()['5']!,
  '3': {
    class_type: 'VAEDecodeHunyuan3D',
    inputs: { samples: ['2', 0], vae: ['1', 2], num_chunks: 8000, octree_resolution: 256 },
  },
  '4': { class_type: 'VoxelToMeshBasic', inputs: { voxel: ['3', 0], threshold: 0.6 } },
  '5': { class_type: 'SaveGLB', inputs: { mesh: ['4', 0], filename_prefix: 'mesh/chair' } },
});

/** The nodes of `plainGraph` under ids that `meshGraph` does not use. */
export const pictureBeside = (): Nodes => ({
  '11': plainGraph()['1']!,
  '12': { class_type: 'SaveImage', inputs: { images: ['11', 0], filename_prefix: 'mine' } },
});

/** Flux with the custom sampler nodes. */
export const fluxGraph = (): Nodes => ({
  '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a fox', clip: ['11', 0] } },
  '8': { class_type: 'VAEDecode', inputs: { samples: ['13', 0], vae: ['10', 0] } },
  '9': { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: 'flux' } },
  '10': { class_type: 'VAELoader', inputs: { vae_name: 'ae.safetensors' } },
  '11': {
    class_type: 'DualCLIPLoader',
    inputs: { clip_name1: 't5xxl_fp16.safetensors', clip_name2: 'clip_l.safetensors', type: 'flux' },
  },
  '12': { class_type: 'UNETLoader', inputs: { unet_name: 'flux1-dev.safetensors', weight_dtype: 'default' } },
  '13': {
    class_type: 'SamplerCustomAdvanced',
    inputs: { noise: ['25', 0], guider: ['22', 0], sampler: ['16', 0], sigmas: ['17', 0], latent_image: ['27', 0] },
  },
  '16': { class_type: 'KSamplerSelect', inputs: { sampler_name: 'euler' } },
  '17': { class_type: 'BasicScheduler', inputs: { scheduler: 'simple', steps: 4, denoise: 1, model: ['12', 0] } },
  '22': { class_type: 'BasicGuider', inputs: { model: ['12', 0], conditioning: ['26', 0] } },
  '25': { class_type: 'RandomNoise', inputs: { noise_seed: 219670278747233 } },
  '26': { class_type: 'FluxGuidance', inputs: { guidance: 3.5, conditioning: ['6', 0] } },
  '27': { class_type: 'EmptySD3LatentImage', inputs: { width: 1024, height: 1024, batch_size: 1 } },
});
