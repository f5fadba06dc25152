import type { ComfyUIModels } from '@holodeck/emulators';

const qwenFiles = {
  text_encoders: ['qwen_2.5_vl_7b_fp8_scaled.safetensors'],
  vae: ['qwen_image_vae.safetensors'],
};
const fluxFiles = { text_encoders: ['clip_l.safetensors', 't5xxl_fp16.safetensors'], vae: ['ae.safetensors'] };
const sdxl = { checkpoints: ['sd_xl_base_1.0.safetensors'] };

/** The files of a server with FLUX.2 klein 4B alone. */
export const kleinFiles: Partial<ComfyUIModels> = {
  diffusion_models: ['flux-2-klein-4b-fp8.safetensors'],
  text_encoders: ['qwen_3_4b.safetensors'],
  vae: ['flux2-vae.safetensors'],
};

/** The files of a server by the model that makes its cards, and the variables that it needs. */
export const serversByCardModel: Readonly<
  Record<string, { readonly files: Partial<ComfyUIModels>; readonly environment?: Readonly<Record<string, string>> }>
> = {
  'FLUX.2 klein 4B': { files: kleinFiles },
  'FLUX.2 klein 9B, undistilled': {
    files: {
      diffusion_models: ['flux-2-klein-base-9b-fp8.safetensors'],
      text_encoders: ['qwen_3_8b_fp8mixed.safetensors'],
      vae: ['full_encoder_small_decoder.safetensors'],
    },
  },
  'FLUX.2 dev': {
    files: {
      diffusion_models: ['flux2_dev_fp8mixed.safetensors'],
      text_encoders: ['mistral_3_small_flux2_bf16.safetensors'],
      vae: ['flux2-vae.safetensors'],
    },
  },
  'Qwen-Image-Edit-2511, scene by Qwen-Image': {
    files: { ...qwenFiles, diffusion_models: ['qwen_image_edit_2511_bf16.safetensors', 'qwen_image_fp8.safetensors'] },
  },
  'Qwen-Image-Edit-2509, scene by SDXL': {
    files: { ...sdxl, ...qwenFiles, diffusion_models: ['qwen_image_edit_2509_fp8_e4m3fn.safetensors'] },
  },
  'Qwen-Image-Edit': { files: { ...qwenFiles, diffusion_models: ['qwen_image_edit_fp8_e4m3fn.safetensors'] } },
  'FireRed-Image-Edit': {
    files: { ...qwenFiles, diffusion_models: ['FireRed-Image-Edit-1.1-transformer.safetensors'] },
  },
  'FLUX.1 Kontext': { files: { ...fluxFiles, diffusion_models: ['flux1-dev-kontext_fp8_scaled.safetensors'] } },
  'Krea-2 with its style LoRA': {
    files: {
      diffusion_models: ['krea2_turbo_fp8_scaled.safetensors'],
      text_encoders: ['qwen3vl_4b_fp8_scaled.safetensors'],
      vae: ['qwen_image_vae.safetensors'],
      loras: ['krea2_style_reference.safetensors'],
    },
  },
  'FLUX.1 with USO': {
    files: {
      checkpoints: ['flux1-dev-fp8.safetensors'],
      loras: ['uso-flux1-dit-lora-v1.safetensors'],
      model_patches: ['uso-flux1-projector-v1.safetensors'],
      clip_vision: ['sigclip_vision_patch14_384.safetensors'],
    },
  },
  OmniGen2: {
    files: {
      diffusion_models: ['omnigen2_fp16.safetensors'],
      text_encoders: ['qwen_2.5_vl_fp16.safetensors'],
      vae: ['ae.safetensors'],
    },
  },
  'FLUX.1 with Redux, by option': {
    files: {
      ...fluxFiles,
      diffusion_models: ['flux1-dev.safetensors'],
      style_models: ['flux1-redux-dev.safetensors'],
      clip_vision: ['sigclip_vision_patch14_384.safetensors'],
    },
    environment: { COMFYUI_REFERENCE_MODEL: 'flux1-dev' },
  },
  "SDXL's own conditioning, by option": {
    files: { ...sdxl, clip_vision: ['clip_vision_g.safetensors'] },
    environment: { COMFYUI_REFERENCE_MODEL: 'sd_xl_base_1.0' },
  },
};
