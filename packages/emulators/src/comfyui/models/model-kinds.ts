/** Which files work together: what a model was trained with, and what an encoder or a VAE is, by the names of the files. */

/** What a diffusion model expects; a kind that is absent is not checked. */
export interface ModelKind {
  readonly encoder?: string;
  readonly vae?: string;
}

const models: readonly (readonly [RegExp, ModelKind])[] = [
  [/flux[-_.]?2.*klein.*9b/, { encoder: 'qwen3 8b', vae: 'flux2' }],
  [/flux[-_.]?2.*klein/, { encoder: 'qwen3 4b', vae: 'flux2' }],
  [/flux[-_.]?2/, { encoder: 'mistral', vae: 'flux2' }],
  [/qwen|firered/, { encoder: 'qwen2.5 7b', vae: 'qwen' }],
  [/krea[-_]?2/, { encoder: 'qwen3 vl 4b', vae: 'qwen' }],
  [/z[-_]?image/, { encoder: 'qwen3 4b', vae: 'ae' }],
  [/omnigen2/, { encoder: 'qwen2.5 3b', vae: 'ae' }],
  [/flux/, { encoder: 't5', vae: 'ae' }],
];

const encoders: readonly (readonly [RegExp, string])[] = [
  [/qwen.?3.?vl.?4b/, 'qwen3 vl 4b'],
  [/qwen.?3.?vl/, 'qwen3 vl 8b'],
  [/qwen.?3.?4b/, 'qwen3 4b'],
  [/qwen.?3.?8b/, 'qwen3 8b'],
  [/qwen.?2[._]5.*7b/, 'qwen2.5 7b'],
  [/qwen.?2[._]5/, 'qwen2.5 3b'],
  [/mistral/, 'mistral'],
  [/t5/, 't5'],
];

const vaes: readonly (readonly [RegExp, string])[] = [
  [/flux2|full_encoder_small_decoder/, 'flux2'],
  [/qwen/, 'qwen'],
  [/^ae\./, 'ae'],
];

const find = <Kind>(list: readonly (readonly [RegExp, Kind])[], file: string): Kind | undefined => {
  const name = file.toLowerCase().split(/[/\\]/).at(-1)!;
  return list.find(([pattern]) => pattern.test(name))?.[1];
};

/** What a diffusion model works with. */
export function modelKind(file: string): ModelKind {
  return find(models, file) ?? {};
}

/** What a text encoder is; of two, the one that the model listens to most. */
export function encoderKind(...files: readonly string[]): string | undefined {
  const kinds = files.map((file) => find(encoders, file));
  return kinds.find((kind) => kind === 't5') ?? kinds.find((kind) => kind !== undefined);
}

export function vaeKind(file: string): string | undefined {
  return find(vaes, file);
}

/** Whether two files were made for each other, as far as their names go. */
export function fits(wanted: string | undefined, given: string | undefined): boolean {
  return wanted === undefined || given === undefined || wanted === given;
}
