import { describe, expect, it } from 'vitest';
import { familyOf } from './model-families.ts';
import type { ModelFamily, UnusedModel } from './model-families.ts';

/** Names under which model files are published. */
const diffusionModels: readonly (readonly [string, ModelFamily | UnusedModel])[] = [
  ['flux-2-klein-4b-fp8.safetensors', 'flux2-klein-4b'],
  ['flux-2-klein-base-4b-fp8.safetensors', 'flux2-klein-4b'],
  ['flux-2-klein-4b.safetensors', 'flux2-klein-4b'],
  ['flux-2-klein-9b-fp8.safetensors', 'flux2-klein-9b'],
  ['flux-2-klein-base-9b-fp8.safetensors', 'flux2-klein-9b'],
  ['flux2_dev_fp8mixed.safetensors', 'flux2-dev'],
  ['flux2-dev.safetensors', 'flux2-dev'],
  ['flux-3-image-klein.safetensors', 'other'],
  ['qwen_image_fp8_e4m3fn.safetensors', 'qwen-image'],
  ['Qwen/qwen_image_2512_bf16.safetensors', 'qwen-image'],
  ['qwen_image_2.1_bf16.safetensors', 'other'],
  ['qwen_image_2.1_turbo_int8_convrot.safetensors', 'other'],
  ['qwen_image_layered_bf16.safetensors', 'other'],
  ['qwen_image_edit_2511_bf16.safetensors', 'qwen-edit-2511'],
  ['qwen_image_edit_2511_fp8_e4m3fn_scaled_lightning_comfyui.safetensors', 'qwen-edit-2511'],
  ['qwen_image_edit_2509_fp8_e4m3fn.safetensors', 'qwen-edit-2509'],
  ['qwen_image_edit_fp8_e4m3fn.safetensors', 'qwen-edit'],
  ['FireRed-Image-Edit-1.1-transformer.safetensors', 'firered-edit'],
  ['flux1-dev-kontext_fp8_scaled.safetensors', 'flux-kontext'],
  ['flux1-kontext-dev.safetensors', 'flux-kontext'],
  ['flux1-dev.safetensors', 'flux'],
  ['flux1-schnell.safetensors', 'flux'],
  ['FLUX\\flux1-dev-fp8.safetensors', 'flux'],
  ['flux1-krea-dev_fp8_scaled.safetensors', 'flux'],
  ['flux1-fill-dev.safetensors', 'special'],
  ['flux1-canny-dev.safetensors', 'special'],
  ['flux1-depth-dev.safetensors', 'special'],
  ['krea2_turbo_fp8_scaled.safetensors', 'krea2'],
  ['krea2_turbo_int8_convrot.safetensors', 'krea2'],
  ['z_image_turbo_bf16.safetensors', 'z-image-turbo'],
  ['z_image_bf16.safetensors', 'other'],
  ['omnigen2_fp16.safetensors', 'omnigen2'],
  ['longcat_image_edit_bf16.safetensors', 'other'],
  ['longcat_image_bf16.safetensors', 'other'],
  ['boogu_image_edit_fp8_scaled.safetensors', 'other'],
  ['mage_flow_edit_turbo_int8_convrot.safetensors', 'other'],
  ['joyai_image_edit_bf16.safetensors', 'other'],
  ['hidream_e1_1_bf16.safetensors', 'other'],
  ['hidream_i1_dev_fp8.safetensors', 'other'],
  ['hunyuanimage2.1_bf16.safetensors', 'other'],
  ['chroma-unlocked-v50.safetensors', 'other'],
  ['wan2.1_t2v_1.3B_fp16.safetensors', 'other'],
  ['ltx-video-2b-v0.9.5.safetensors', 'special'],
  ['sdxl_unet_only.safetensors', 'other'],
];

const checkpoints: readonly (readonly [string, ModelFamily | UnusedModel])[] = [
  ['sd_xl_base_1.0.safetensors', 'sdxl'],
  ['ponyDiffusionV6XL.safetensors', 'sdxl'],
  ['illuminatiDiffusionV1_v11.safetensors', 'sd'],
  ['v1-5-pruned-emaonly.safetensors', 'sd'],
  ['sd3.5_large_fp8_scaled.safetensors', 'sd3'],
  ['flux1-dev-fp8.safetensors', 'flux'],
  ['Qwen-Rapid-AIO-v11.safetensors', 'qwen-edit-2509'],
  ['hidream_o1_image_fp8_scaled.safetensors', 'other'],
  ['sd21-unclip-h.ckpt', 'other'],
  ['sd_xl_refiner_1.0.safetensors', 'special'],
  ['svd_xt.safetensors', 'special'],
  ['512-inpainting-ema.safetensors', 'special'],
];

describe('the family of a model', () => {
  it('follows from the name of its file', () => {
    const found = diffusionModels.map(([file]) => [file, familyOf(file, 'diffusion_models')]);
    expect(found).toEqual(diffusionModels);
  });

  it('is Stable Diffusion for checkpoints with other names', () => {
    expect(checkpoints.map(([file]) => [file, familyOf(file, 'checkpoints')])).toEqual(checkpoints);
  });
});
