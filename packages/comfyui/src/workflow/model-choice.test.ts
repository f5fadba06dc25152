import { describe, expect, it } from 'vitest';
import { chooseModel, familyOf } from './model-choice.ts';
import { buildGraph } from './builtin-graphs.ts';
import type { ServerModels } from './model-choice.ts';

const models = (more: Partial<ServerModels>): ServerModels => ({
  checkpoints: [],
  diffusionModels: [],
  textEncoders: [],
  vaes: ['pixel_space'],
  ...more,
});

describe('choosing a model', () => {
  it('takes the only checkpoint, whatever its name', () => {
    expect(chooseModel(models({ checkpoints: ['odd-refiner.ckpt'] }), undefined, 's')).toEqual({
      choice: { loader: 'checkpoint', family: 'sd', checkpoint: 'odd-refiner.ckpt' },
    });
  });

  it('follows the documented order among several, and says so', () => {
    const checkpoints = [
      'sd_xl_refiner_1.0.safetensors',
      'v1-5-pruned.ckpt',
      'SDXL\\sd_xl_base_1.0.safetensors',
      'sd3.5_large.safetensors',
      'svd_xt.safetensors',
    ];
    const chosen = chooseModel(models({ checkpoints }), undefined, 's');
    expect(chosen.choice.checkpoint).toBe('sd3.5_large.safetensors');
    expect(chosen.among).toEqual(checkpoints);
    const fewer = chooseModel(models({ checkpoints: checkpoints.slice(0, 3) }), undefined, 's');
    expect(fewer.choice).toMatchObject({ family: 'sdxl', checkpoint: 'SDXL\\sd_xl_base_1.0.safetensors' });
  });

  it('finds a named one without folder, extension or case', () => {
    const server = models({ checkpoints: ['xl/Juggernaut_XL.safetensors', 'dream.safetensors'] });
    expect(chooseModel(server, 'juggernaut_xl', 's').choice.checkpoint).toBe('xl/Juggernaut_XL.safetensors');
    expect(() => chooseModel(server, 'nope', 'gpu:8188')).toThrow(
      /"nope" is not on the ComfyUI server gpu:8188; the server has: xl\/Jug.*dream/,
    );
  });

  it('uses separate loaders for Flux and Qwen-Image when their files are there', () => {
    const flux = models({
      diffusionModels: ['flux1-dev-fp8.safetensors'],
      textEncoders: ['t5xxl_fp8.safetensors', 'clip_l.safetensors'],
      vaes: ['ae.safetensors'],
    });
    const { choice } = chooseModel(flux, undefined, 's');
    expect(choice).toMatchObject({
      loader: 'diffusion-model',
      family: 'flux',
      textEncoders: ['clip_l.safetensors', 't5xxl_fp8.safetensors'],
      vae: 'ae.safetensors',
    });
    const { graph, binding } = buildGraph(choice, {}, false);
    expect(graph['15']).toMatchObject({ class_type: 'DualCLIPLoader', inputs: { type: 'flux' } });
    expect(graph['3']!.inputs).toMatchObject({ cfg: 1, positive: ['10', 0], model: ['4', 0] });
    expect(binding.negativePrompt).toEqual([]);
    const qwen = models({
      diffusionModels: ['qwen_image_edit.safetensors', 'qwen_image_fp8.safetensors'],
      textEncoders: ['qwen_2.5_vl_7b.safetensors'],
      vaes: ['qwen_image_vae.safetensors'],
    });
    const second = chooseModel(qwen, undefined, 's').choice;
    expect(second.checkpoint).toBe('qwen_image_fp8.safetensors');
    expect(buildGraph(second, {}, true).graph).toMatchObject({
      '17': { class_type: 'ModelSamplingAuraFlow' },
      '3': { inputs: { model: ['17', 0], denoise: 0.65 } },
    });
    expect(() => chooseModel({ ...qwen, vaes: [] }, 'qwen_image_fp8', 's')).toThrow(/without text encoders/);
  });

  it('says what to download when there is nothing', () => {
    expect(() => chooseModel(models({}), undefined, 'gpu:8188')).toThrow(
      /gpu:8188 has no checkpoint.*sd_xl_base_1\.0.*models\/checkpoints.*COMFYUI_WORKFLOW/,
    );
  });

  it.each([
    ['tiny-random.safetensors', 'sd'],
    ['ponyDiffusionV6XL.safetensors', 'sdxl'],
    ['sd3_medium.safetensors', 'sd3'],
    ['flux1-schnell.safetensors', 'flux'],
    ['Qwen/Qwen_Image.safetensors', 'qwen-image'],
  ])('%s is of the family %s', (file, family) => {
    expect(familyOf(file)).toBe(family);
  });
});
