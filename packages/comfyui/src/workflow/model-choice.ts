import { joinSentences } from '@holodeck/core/messages';
import type { Message } from '@holodeck/core/messages';
import { say } from '../comfyui-messages.ts';
import { comfyuiError, invalidOptions } from '../comfyui-errors.ts';
import { listNames } from '../list-names.ts';
import { baseName, families, familyOf, plainFamilyOf, sceneOrder, stem } from './model-families.ts';
import { referenceModels } from './reference-ways.ts';
import { ggufLoader } from './server-models.ts';
import type { ModelFamily, ModelFolder, NeededFile } from './model-families.ts';
import type { ReferenceModel } from './reference-ways.ts';
import type { ServerModels } from './server-models.ts';

/** A file that a built-in graph loads. */
export interface ModelFile {
  readonly folder: ModelFolder;
  readonly name: string;
  /** The hash that the file's header names, where it names one. */
  readonly hash?: string;
}

/** The files that a built-in graph loads: the model first, then in the order of the family's needs. */
export interface ModelChoice {
  readonly family: ModelFamily;
  readonly files: readonly ModelFile[];
}

/** A choice that follows reference pictures. */
export interface ReferenceChoice extends ModelChoice {
  readonly model: ReferenceModel;
}

/** What a server's models are used for. */
export interface ChosenModels {
  readonly scene: ModelChoice;
  /** Absent where no model follows a reference. */
  readonly reference?: ReferenceChoice;
  /** Cuts the object out, for a transparent ground. */
  readonly background?: ModelFile;
  /** Set when several models could draw and none was named in the options. */
  readonly among?: readonly string[];
}

/** A model that is there without what it needs. */
export interface NearMiss {
  readonly family: ModelFamily;
  readonly name: string;
  readonly missing: readonly NeededFile[];
  /** The server is older than the family. */
  readonly outdated: boolean;
}

interface Candidate extends NearMiss {
  readonly choice: ModelChoice;
}

/** What the options name. */
export interface WantedModels {
  readonly checkpoint?: string;
  readonly referenceModel?: string;
}

const loadable = ['checkpoints', 'diffusion_models'] as const;

/**
 * Chooses the models of the built-in graphs. The scene's model:
 *
 * 1. what the options name, among checkpoints, then diffusion models;
 * 2. of those that have all that they need: the first by `sceneOrder`, and within a family the first by name;
 * 3. the only checkpoint, whatever it was made for, unless it is known to be of another family.
 *
 * The model that follows references: what the options name, else that of the scene, else the first of `referenceModels`.
 *
 * @throws ImageError `invalid-request` when the named one cannot be used; `unavailable` when there is none at all.
 */
export function chooseModels(models: ServerModels, wanted: WantedModels, label: string): ChosenModels {
  const candidates = candidatesOf(models);
  const usable = candidates.filter(isWhole);
  const named = wanted.checkpoint === undefined ? undefined : chooseNamed(models, candidates, wanted.checkpoint, label);
  const scene = named ?? usable[0]?.choice ?? onlyCheckpoint(models);
  if (scene === undefined) {
    throw noModel(models, candidates, label);
  }
  const reference =
    wanted.referenceModel === undefined
      ? followerOf(models, scene, usable)
      : chooseNamedReference(models, candidates, wanted.referenceModel, label);
  const [cutter] = models.files.background_removal.filter((file) => /birefnet/.test(baseName(file)));
  return {
    scene,
    ...(reference === undefined ? {} : { reference }),
    ...(cutter === undefined ? {} : { background: { folder: 'background_removal', name: cutter } }),
    ...(named === undefined && usable.length > 1 ? { among: usable.map(({ name }) => name) } : {}),
  };
}

/** The files of the models that the built-in graphs can draw with, in the order in which they are chosen. */
export function usableModels(models: ServerModels): readonly string[] {
  return candidatesOf(models)
    .filter(isWhole)
    .map(({ name }) => name);
}

/** Models that are there without what they need, and those that lack only what following a reference takes. */
export function nearMisses(models: ServerModels): readonly NearMiss[] {
  const candidates = candidatesOf(models);
  const followers = candidates.filter(isWhole).flatMap(({ family, name }) =>
    referenceModels
      .filter((model) => model.family === family && model.weak !== true)
      .map(({ needs, node }) => ({
        family,
        name,
        missing: filesFor(models, needs).missing,
        outdated: lacksNode(models, node),
      }))
      .filter((miss) => !isWhole(miss)),
  );
  return [...candidates.filter((one) => !isWhole(one)), ...followers];
}

/**
 * What to do on a server where no model follows a reference: the files of the model that needs the least memory of all, and is
 * free for commercial use.
 */
export function howToFollow(models: ServerModels): Message {
  return joinSentences(...describeMisses(nearMisses(models)), howToDownload());
}

/** One sentence for each near miss. */
function describeMisses(misses: readonly NearMiss[]): Message[] {
  return misses.map(({ family, name, missing, outdated }) => {
    const said = { model: name, family: families[family].name };
    return outdated
      ? say('model-outdated', said)
      : say('model-lacks', { ...said, files: missing.map(placeOf).join(', ') });
  });
}

/** The files of FLUX.2 klein 4B, and where they are. */
function howToDownload(): Message {
  return say('model-download', {
    first: 'models/diffusion_models/flux-2-klein-4b-fp8.safetensors',
    firstFrom: 'huggingface.co/black-forest-labs/FLUX.2-klein-4b-fp8',
    second: 'models/text_encoders/qwen_3_4b.safetensors',
    secondFrom: 'huggingface.co/Comfy-Org/flux2-klein-4B',
    third: 'models/vae/flux2-vae.safetensors',
    thirdFrom: 'huggingface.co/Comfy-Org/flux2-dev',
  });
}

function placeOf({ folder, usual }: NeededFile): string {
  return `models/${folder}/${usual}`;
}

/**
 * Whether a server has the files that were decided on earlier, with the same hashes where they are known.
 *
 * @throws ImageError of code `look-gone`: `unavailable` where another server may have them.
 */
export function requireModels(
  models: ServerModels,
  files: readonly ModelFile[],
  label: string,
  elsewhere: boolean,
): void {
  const missing = files.filter(({ folder, name }) => !models.files[folder].includes(name)).map(({ name }) => name);
  if (missing.length > 0) {
    throw lookGone(missing, label, elsewhere);
  }
}

/** The error for files that were decided on earlier and are not there. */
export function lookGone(files: readonly string[], label: string, elsewhere: boolean): Error {
  const said = { server: label, files: files.join(', ') };
  return comfyuiError({
    kind: elsewhere ? 'unavailable' : 'invalid-request',
    outcome: 'not-submitted',
    retryable: elsewhere,
    code: 'look-gone',
    ...(elsewhere ? say('model-elsewhere', said) : say('model-gone', said)),
  });
}

/** Every model that the built-in graphs know, whole or not, in the order of the scene. */
function candidatesOf(models: ServerModels): Candidate[] {
  const all = loadable.flatMap((folder) =>
    models.files[folder].flatMap((name) => {
      const family = familyOf(name, folder);
      return family === 'other' || family === 'special' ? [] : candidateOf(models, family, { folder, name });
    }),
  );
  return all.sort(
    (a, b) =>
      sceneOrder.indexOf(a.family) - sceneOrder.indexOf(b.family) || (baseName(a.name) < baseName(b.name) ? -1 : 1),
  );
}

function candidateOf(models: ServerModels, family: ModelFamily, file: ModelFile): Candidate {
  const { needs, encoderType, node } = families[family];
  // A checkpoint brings encoder and VAE along.
  const alone = file.folder === 'diffusion_models';
  const { found, missing } = filesFor(models, alone ? needs : []);
  const unknownType = alone && encoderType !== undefined && !models.encoderTypes.includes(encoderType);
  return {
    family,
    name: file.name,
    missing,
    outdated: unknownType || lacksNode(models, node),
    choice: { family, files: [file, ...found] },
  };
}

function isWhole({ missing, outdated }: NearMiss): boolean {
  return missing.length === 0 && !outdated;
}

function lacksNode(models: ServerModels, node: string | undefined): boolean {
  return node !== undefined && !models.nodes.has(node);
}

function filesFor(
  models: ServerModels,
  needs: readonly NeededFile[],
): { readonly found: readonly ModelFile[]; readonly missing: readonly NeededFile[] } {
  const found = needs.map(({ folder, pattern }) => {
    const name = models.files[folder].find((file) => pattern.test(baseName(file)));
    return name === undefined ? undefined : { folder, name };
  });
  return {
    found: found.filter((file) => file !== undefined),
    missing: needs.filter((_, index) => found[index] === undefined),
  };
}

function onlyCheckpoint({ files: { checkpoints } }: ServerModels): ModelChoice | undefined {
  const [name] = checkpoints;
  return name === undefined || checkpoints.length > 1 || familyOf(name, 'checkpoints') !== 'special'
    ? undefined
    : { family: plainFamilyOf(name), files: [{ folder: 'checkpoints', name }] };
}

/** How a whole model follows references, where it can. */
function following(models: ServerModels, choice: ModelChoice, weakToo: boolean): ReferenceChoice | undefined {
  for (const model of referenceModels) {
    const { found, missing } = filesFor(models, model.needs);
    const fits = model.family === choice.family && (weakToo || model.weak !== true);
    if (fits && missing.length === 0 && !lacksNode(models, model.node)) {
      return { family: choice.family, files: [...choice.files, ...found], model };
    }
  }
  return undefined;
}

function followerOf(
  models: ServerModels,
  scene: ModelChoice,
  usable: readonly Candidate[],
): ReferenceChoice | undefined {
  const own = following(models, scene, false);
  if (own !== undefined) {
    return own;
  }
  for (const { family } of referenceModels) {
    for (const candidate of usable.filter((one) => one.family === family)) {
      const found = following(models, candidate.choice, false);
      if (found !== undefined) {
        return found;
      }
    }
  }
  return undefined;
}

function chooseNamed(
  models: ServerModels,
  candidates: readonly Candidate[],
  wanted: string,
  label: string,
): ModelChoice {
  const file = findNamed(models, wanted, label);
  const candidate = candidates.find(
    ({ choice }) => choice.files[0]!.folder === file.folder && choice.files[0]!.name === file.name,
  );
  if (candidate === undefined) {
    const family = familyOf(file.name, file.folder as 'checkpoints');
    if (family === 'special' && file.folder === 'checkpoints') {
      return { family: plainFamilyOf(file.name), files: [file] };
    }
    throw invalidOptions(say('model-other', { file: file.name, server: label }));
  }
  if (!isWhole(candidate)) {
    throw invalidOptions(joinSentences(say('model-incomplete', { server: label }), ...describeMisses([candidate])));
  }
  return candidate.choice;
}

function chooseNamedReference(
  models: ServerModels,
  candidates: readonly Candidate[],
  wanted: string,
  label: string,
): ReferenceChoice {
  const choice = chooseNamed(models, candidates, wanted, label);
  const found = following(models, choice, true);
  if (found === undefined) {
    throw invalidOptions(
      joinSentences(say('reference-model-cannot', { file: choice.files[0]!.name, server: label }), howToFollow(models)),
    );
  }
  return found;
}

function findNamed(models: ServerModels, wanted: string, label: string): ModelFile {
  for (const folder of loadable) {
    const name = findFile(models.files[folder], wanted);
    if (name !== undefined) {
      return { folder, name };
    }
  }
  const all = loadable.flatMap((folder) => models.files[folder]);
  const place = { name: JSON.stringify(wanted), server: label };
  throw invalidOptions(
    all.length === 0 ? say('model-unknown-none', place) : say('model-unknown', { ...place, files: listNames(all) }),
  );
}

/** A file by its exact name; else without folder, then without extension, letter case ignored, where that is unique. */
export function findFile(files: readonly string[], wanted: string): string | undefined {
  if (files.includes(wanted)) {
    return wanted;
  }
  for (const simplify of [baseName, (file: string) => stem(file).toLowerCase()]) {
    const matches = files.filter((file) => simplify(file) === simplify(wanted));
    if (matches.length === 1) {
      return matches[0];
    }
  }
  return undefined;
}

function noModel(models: ServerModels, candidates: readonly Candidate[], label: string): Error {
  const others = loadable
    .flatMap((folder) => models.files[folder])
    .filter((file) => !candidates.some(({ name }) => name === file));
  return comfyuiError({
    kind: 'unavailable',
    outcome: 'not-submitted',
    code: 'no-model',
    ...joinSentences(
      say('model-none', { server: label }),
      ...describeMisses(candidates),
      others.length === 0 ? undefined : say('models-not-drawn', { files: listNames(others) }),
      models.nodes.has(ggufLoader) ? say('model-gguf') : undefined,
      howToDownload(),
    ),
  });
}
