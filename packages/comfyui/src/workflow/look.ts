import { createHash } from 'node:crypto';
import { stringifyExactJson } from '../wire/exact-json.ts';
import { familyOf, plainFamilyOf, stem } from './model-families.ts';
import { referenceModels } from './reference-ways.ts';
import type { ChosenModels, ModelChoice, ModelFile, ReferenceChoice } from './model-choice.ts';
import type { ModelFolder } from './model-families.ts';
import type { SamplingOptions } from '../comfyui-options.ts';

/** Raised whenever the built-in graphs change what they draw: it is part of every look. */
const graphVersion = 2;

/** The first 16 digits of the SHA-256 of a value. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(stringifyExactJson(value)).digest('hex').slice(0, 16);
}

/**
 * The fingerprint of a look: version, a hash of how is sampled, then the files of the scene, of what follows references, and of what
 * cuts out, such as `builtin-2:5f0c…:checkpoints/sdxl.safetensors@9f86…;;`. Everything that a later run needs stands in it.
 */
export function formatLook({ scene, reference, background }: ChosenModels, sampling: SamplingOptions): string {
  const parts = [scene.files, reference?.files ?? [], background === undefined ? [] : [background]];
  return `builtin-${graphVersion}:${hashOf(sampling)}:${parts.map((files) => files.map(formatFile).join('|')).join(';')}`;
}

function formatFile({ folder, name, hash }: ModelFile): string {
  const escaped = name.replaceAll(/[%|;@]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
  return `${folder}/${escaped}${hash === undefined ? '' : `@${hash}`}`;
}

/** The models of a fingerprint that `formatLook` has made; undefined for others, and for those that were sampled otherwise. */
export function parseLook(fingerprint: string, sampling: SamplingOptions): ChosenModels | undefined {
  const prefix = `builtin-${graphVersion}:${hashOf(sampling)}:`;
  if (!fingerprint.startsWith(prefix)) {
    return undefined;
  }
  const [scene, reference, background] = fingerprint
    .slice(prefix.length)
    .split(';')
    .map((part) => (part === '' ? [] : part.split('|').map(parseFile)));
  const drawn = choiceOf(scene ?? []);
  const following = choiceOf(reference ?? []);
  const model = following && referenceModelOf(following);
  return drawn === undefined
    ? undefined
    : {
        scene: drawn,
        ...(following === undefined || model === undefined ? {} : { reference: { ...following, model } }),
        ...(background?.[0] === undefined ? {} : { background: background[0] }),
      };
}

function parseFile(text: string): ModelFile {
  const slash = text.indexOf('/');
  const [name = '', hash] = text.slice(slash + 1).split('@');
  return {
    folder: text.slice(0, slash) as ModelFolder,
    name: name.replaceAll(/%(25|7c|3b|40)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
    ...(hash === undefined ? {} : { hash }),
  };
}

function choiceOf(files: readonly ModelFile[]): ModelChoice | undefined {
  const [main] = files;
  if (main === undefined) {
    return undefined;
  }
  const family = familyOf(main.name, main.folder === 'checkpoints' ? 'checkpoints' : 'diffusion_models');
  return { files, family: family === 'special' || family === 'other' ? plainFamilyOf(main.name) : family };
}

function referenceModelOf({ family, files }: ModelChoice): ReferenceChoice['model'] | undefined {
  const folders = new Set(files.map(({ folder }) => folder));
  return referenceModels.find(
    (model) => model.family === family && model.needs.every(({ folder }) => folders.has(folder)),
  );
}

/** Names for people: the files without folders and extensions. */
export function describeLook({ scene, reference }: ChosenModels): string {
  const names = ({ files }: ModelChoice): string => files.map(({ name }) => stem(name)).join(' + ');
  const own =
    reference === undefined || scene.files.every(({ name }) => reference.files.some((file) => file.name === name));
  return own ? names(reference ?? scene) : `${names(scene)}, cards: ${names(reference)}`;
}
