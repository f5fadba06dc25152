import { describe, expect, it } from 'vitest';
import { buildGraph } from './builtin-graphs.ts';
import { chooseModels, howToFollow } from './model-choice.ts';
import { formatLook, parseLook } from './look.ts';
import type { ChosenModels, WantedModels } from './model-choice.ts';
import type { ModelFolder } from './model-families.ts';
import type { ServerModels } from './server-models.ts';

const klein = {
  diffusion_models: ['flux-2-klein-4b-fp8.safetensors'],
  text_encoders: ['qwen_3_4b.safetensors'],
  vae: ['flux2-vae.safetensors'],
};
const flux1 = {
  diffusion_models: ['flux1-dev.safetensors'],
  text_encoders: ['clip_l.safetensors', 't5xxl_fp16.safetensors'],
  vae: ['ae.safetensors'],
};
const qwen = {
  diffusion_models: ['qwen_image_fp8_e4m3fn.safetensors'],
  text_encoders: ['qwen_2.5_vl_7b_fp8_scaled.safetensors'],
  vae: ['qwen_image_vae.safetensors'],
};

/** A server of version 0.33 with these files. */
function server(...lists: readonly Partial<Record<ModelFolder, readonly string[]>>[]): ServerModels {
  const all = (folder: ModelFolder): readonly string[] => lists.flatMap((list) => list[folder] ?? []).sort();
  return {
    files: {
      checkpoints: all('checkpoints'),
      diffusion_models: all('diffusion_models'),
      text_encoders: all('text_encoders'),
      vae: [...all('vae'), 'pixel_space'],
      loras: all('loras'),
      clip_vision: all('clip_vision'),
      style_models: all('style_models'),
      model_patches: all('model_patches'),
      background_removal: all('background_removal'),
    },
    nodes: new Set([
      'DualCFGGuider',
      'Flux2Scheduler',
      'FluxKontextImageScale',
      'FluxKontextMultiReferenceLatentMethod',
      'TextEncodeQwenImageEdit',
      'TextEncodeQwenImageEditPlus',
      'USOStyleReference',
    ]),
    encoderTypes: ['flux2', 'krea2', 'lumina2', 'omnigen2', 'qwen_image'],
  };
}

const choose = (models: ServerModels, wanted: WantedModels = {}): ChosenModels =>
  chooseModels(models, wanted, 'gpu:8188');
const filesOf = ({ scene }: ChosenModels): string[] => scene.files.map(({ name }) => name);

describe('choosing the model of the scene', () => {
  it('takes the only checkpoint, whatever it was made for', () => {
    expect(choose(server({ checkpoints: ['odd-refiner.ckpt'] }))).toEqual({
      scene: { family: 'sd', files: [{ folder: 'checkpoints', name: 'odd-refiner.ckpt' }] },
    });
  });

  it('follows the documented order among several, and says so', () => {
    const checkpoints = [
      'SDXL\\sd_xl_base_1.0.safetensors',
      'sd3.5_large.safetensors',
      'sd_xl_refiner_1.0.safetensors',
      'svd_xt.safetensors',
      'v1-5-pruned.ckpt',
    ];
    const chosen = choose(server({ checkpoints }));
    expect(filesOf(chosen)).toEqual(['sd3.5_large.safetensors']);
    expect(chosen.among).toEqual(['sd3.5_large.safetensors', 'SDXL\\sd_xl_base_1.0.safetensors', 'v1-5-pruned.ckpt']);
    expect(filesOf(choose(server({ checkpoints }, klein)))).toEqual([
      'flux-2-klein-4b-fp8.safetensors',
      'qwen_3_4b.safetensors',
      'flux2-vae.safetensors',
    ]);
  });

  it('finds a named one without folder, extension or case', () => {
    const models = server({ checkpoints: ['xl/Juggernaut_XL.safetensors', 'dream.safetensors'] });
    expect(filesOf(choose(models, { checkpoint: 'juggernaut_xl' }))).toEqual(['xl/Juggernaut_XL.safetensors']);
    expect(() => choose(models, { checkpoint: 'nope' })).toThrow(
      /"nope" is not on the ComfyUI server gpu:8188; the server has: .*xl\/Jug/,
    );
    expect(() =>
      choose(server(qwen, { diffusion_models: ['qwen_image_layered_bf16.safetensors'] }), {
        checkpoint: 'qwen_image_layered_bf16',
      }),
    ).toThrow(/do not draw with qwen_image_layered_bf16/);
  });

  it('says what to download if there is nothing, and which files are missing', () => {
    expect(() => choose(server())).toThrow(
      /gpu:8188 has no model.*diffusion_models\/flux-2-klein-4b-fp8.*text_encoders\/qwen_3_4b.*vae\/flux2-vae.*COMFYUI_WORKFLOW/,
    );
    expect(() => choose(server({ diffusion_models: klein.diffusion_models, vae: klein.vae }))).toThrow(
      /flux-2-klein-4b-fp8\.safetensors \(FLUX\.2 klein 4B\) cannot be used: models\/text_encoders\/qwen_3_4b\.safetensors is missing/,
    );
    expect(() => choose({ ...server(klein), encoderTypes: ['qwen_image'] })).toThrow(/too old for it/);
    const gguf = server();
    expect(() => choose({ ...gguf, nodes: new Set([...gguf.nodes, 'UnetLoaderGGUF']) })).toThrow(/GGUF/);
  });

  it.each([
    [
      'FLUX.2 beside FLUX.1 takes its own encoder and VAE',
      server(klein, flux1),
      {},
      [...filesOf(choose(server(klein)))],
    ],
    [
      'Qwen-Image beside 2.1 is Qwen-Image',
      server(qwen, { diffusion_models: ['qwen_image_2.1_bf16.safetensors'] }),
      {},
      filesOf(choose(server(qwen))),
    ],
    ['only klein', server(klein), {}, filesOf(choose(server(klein)))],
    [
      'only Qwen-Image-Edit',
      server({ ...qwen, diffusion_models: ['qwen_image_edit_2511_bf16.safetensors'] }),
      {},
      ['qwen_image_edit_2511_bf16.safetensors', ...qwen.text_encoders, ...qwen.vae],
    ],
    [
      'only Z-Image-Turbo',
      server({
        diffusion_models: ['z_image_turbo_bf16.safetensors'],
        text_encoders: ['qwen_3_4b.safetensors'],
        vae: ['ae.safetensors'],
      }),
      {},
      ['z_image_turbo_bf16.safetensors', 'qwen_3_4b.safetensors', 'ae.safetensors'],
    ],
  ])('%s', (_, models, wanted, files) => {
    expect(filesOf(choose(models, wanted))).toEqual(files);
  });

  it.each([
    [
      "FLUX.1 with FLUX.2's VAE",
      server({ ...flux1, vae: ['flux2-vae.safetensors'] }),
      /flux1-dev.*models\/vae\/ae\.safetensors is missing/,
    ],
    [
      "Qwen-Image with OmniGen2's encoder",
      server({ ...qwen, text_encoders: ['qwen_2.5_vl_fp16.safetensors'] }),
      /qwen_image_fp8.*qwen_2\.5_vl_7b_fp8_scaled\.safetensors is missing/,
    ],
    [
      'only Qwen-Image-Layered',
      server({ ...qwen, diffusion_models: ['qwen_image_layered_bf16.safetensors'] }),
      /do not draw with qwen_image_layered/,
    ],
    [
      'only HiDream-O1',
      server({ checkpoints: ['hidream_o1_image_fp8_scaled.safetensors'] }),
      /do not draw with hidream_o1/,
    ],
  ])('refuses %s', (_, models, message) => {
    expect(() => choose(models)).toThrow(message);
  });
});

describe('choosing what follows a reference', () => {
  const kontext = { ...flux1, diffusion_models: ['flux1-dev-kontext_fp8_scaled.safetensors'] };
  const uso = {
    loras: ['uso-flux1-dit-lora-v1.safetensors'],
    model_patches: ['uso-flux1-projector-v1.safetensors'],
    clip_vision: ['sigclip_vision_patch14_384.safetensors'],
  };
  const follower = (models: ServerModels, wanted?: WantedModels): string | undefined =>
    choose(models, wanted).reference?.files[0]?.name;

  it('is the model of the scene if it can follow one, else the best available', () => {
    expect(follower(server(klein, kontext))).toBe('flux-2-klein-4b-fp8.safetensors');
    expect(follower(server(flux1, uso, kontext))).toBe('flux1-dev.safetensors');
    const edit = { ...qwen, diffusion_models: ['qwen_image_edit_2509_fp8_e4m3fn.safetensors'] };
    expect(follower(server({ checkpoints: ['sd_xl_base_1.0.safetensors'] }, kontext, edit))).toBe(
      'qwen_image_edit_2509_fp8_e4m3fn.safetensors',
    );
  });

  it('says what is missing if no model can', () => {
    const models = server(flux1, { loras: uso.loras });
    expect(choose(models).reference).toBeUndefined();
    expect(howToFollow(models).message).toMatch(/model_patches\/uso.*flux-2-klein-4b-fp8.*Apache/);
  });

  it('uses Redux and the conditioning of SDXL only if their model is named', () => {
    const redux = { style_models: ['flux1-redux-dev.safetensors'], clip_vision: uso.clip_vision };
    const sdxl = { checkpoints: ['sd_xl_base_1.0.safetensors'], clip_vision: ['clip_vision_g.safetensors'] };
    const models = server(flux1, redux, sdxl);
    expect(choose(models).reference).toBeUndefined();
    expect(choose(models, { referenceModel: 'flux1-dev' }).reference?.model.way).toBe('redux');
    expect(choose(models, { referenceModel: 'sd_xl_base_1.0' }).reference?.model.way).toBe('revision');
    expect(() => choose(server(qwen), { referenceModel: 'qwen_image_fp8_e4m3fn' })).toThrow(
      /cannot follow a reference picture/,
    );
  });
});

describe('the look', () => {
  it('names every file, with the hash in its header, and can be read again', () => {
    const chosen = choose(
      server({ checkpoints: ['xl/od%d;na|me@1.safetensors'] }, klein, { background_removal: ['birefnet.safetensors'] }),
      {
        checkpoint: 'xl/od%d;na|me@1.safetensors',
      },
    );
    const [file] = chosen.scene.files;
    const hashed = { ...chosen, scene: { ...chosen.scene, files: [{ ...file!, hash: '0123456789abcdef' }] } };
    const look = formatLook(hashed, { steps: 5 });
    expect(look).toMatch(
      /^builtin-2:[0-9a-f]{16}:checkpoints\/.*@0123456789abcdef;diffusion_models\/flux-2.*;background_removal/,
    );
    expect(parseLook(look, { steps: 5 })).toEqual(hashed);
    expect(parseLook(look, { steps: 6 })).toBeUndefined();
    expect(parseLook('builtin-1:0123', {})).toBeUndefined();
  });
});

describe('built-in graphs', () => {
  it('use the loaders of the family, and no negative prompt if it has no effect', () => {
    const { graph, binding } = buildGraph(choose(server(flux1)).scene, {}, { references: 'text' });
    expect(graph['15']).toMatchObject({ class_type: 'DualCLIPLoader', inputs: { type: 'flux' } });
    expect(graph['3']!.inputs).toMatchObject({ cfg: 1, positive: ['10', 0], model: ['4', 0] });
    expect(binding.negativePrompt).toEqual([]);
    expect(buildGraph(choose(server(qwen)).scene, {}, { references: 'init' }).graph).toMatchObject({
      '17': { class_type: 'ModelSamplingAuraFlow' },
      '3': { inputs: { model: ['17', 0], denoise: 0.65 } },
    });
  });

  it('of FLUX.2 take the size twice, and start from a picture by fewer sigmas', () => {
    const { scene } = choose(server(klein));
    const { binding } = buildGraph(scene, {}, { references: 'text' });
    expect(binding.width.map(({ node }) => node)).toEqual(['5', '27']);
    expect(binding.seed).toEqual([{ node: '25', input: 'noise_seed' }]);
    expect(buildGraph(scene, { denoise: 0.5 }, { references: 'init' }).graph).toMatchObject({
      '29': { class_type: 'SplitSigmasDenoise', inputs: { denoise: 0.5 } },
      '3': { inputs: { sigmas: ['29', 1], latent_image: ['14', 0] } },
    });
  });

  it.each([
    ['flux-2-klein-base-4b-fp8.safetensors', klein, { '27': { inputs: { steps: 20 } }, '28': { inputs: { cfg: 5 } } }],
    ['flux1-schnell.safetensors', flux1, { '3': { inputs: { steps: 4 } } }],
    ['qwen_image_edit_2511_lightning_8steps.safetensors', qwen, { '3': { inputs: { steps: 8, cfg: 1 } } }],
    ['qwen_image_edit_2509_lightning.safetensors', qwen, { '3': { inputs: { steps: 4, cfg: 1 } } }],
  ])('%s takes the steps that it was trained for', (file, files, expected) => {
    const { scene } = choose(server({ ...files, diffusion_models: [file] }));
    expect(buildGraph(scene, {}, { references: 'text' }).graph).toMatchObject(expected);
  });
});
