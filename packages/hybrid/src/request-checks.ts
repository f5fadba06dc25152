import type { ImageSizeInput, ProviderOptions } from '@holodeck/core';
import { parseSize } from '@holodeck/core';
import type { AssetSpec, CardSpec, ImageSpec, SceneReferenceSpec } from './assets/asset-spec.ts';
import { assertDistinctIds, assertObjectId, assertSessionId } from './identifiers.ts';
import { hashOf } from './internal/canonical.ts';
import { invalidRequest } from './internal/errors.ts';
import type { ImageAssetRequest, ObjectCardRequest, SceneObject, SceneReferenceRequest } from './requests.ts';

type Fields = Readonly<Record<string, unknown>>;

const commonFields = ['style', 'negativePrompt', 'size', 'seed', 'providerOptions'] as const;

/** @throws ImageError of kind `invalid-request`. */
export function sceneSpecOf(request: SceneReferenceRequest): SceneReferenceSpec {
  assertKnownFields(request, ['sessionId', 'sceneText', ...commonFields], 'generateSceneReference');
  assertSessionId(request.sessionId);
  const { style: _style, ...common } = commonOf(request, 'The scene reference');
  return { kind: 'scene-reference', text: textOf(request.sceneText, 'sceneText'), ...common };
}

/** @throws ImageError of kind `invalid-request`. */
export function cardSpecOf(object: SceneObject, style: string | undefined): CardSpec {
  if (typeof object !== 'object' || object === null) {
    throw invalidRequest('An object must be { id, name, description }.');
  }
  assertObjectId(object.id);
  const label = `The object "${object.id}"`;
  assertKnownFields(object, ['id', 'name', 'description', ...commonFields], label);
  const description = object.description ?? '';
  if (typeof description !== 'string' || !description.isWellFormed())
    throw invalidRequest(`${label}: its description is not well-formed text.`);
  return {
    kind: 'card',
    objectId: object.id,
    name: textOf(object.name, `${label}: name`),
    description,
    ...(style === undefined ? {} : { style }),
    ...commonOf(object, label),
  };
}

/** @throws ImageError of kind `invalid-request`; nothing of the list is used then. */
export function cardSpecsOf(objects: readonly SceneObject[], style: string | undefined): readonly CardSpec[] {
  if (!Array.isArray(objects)) throw invalidRequest('`objects` must be an array of { id, name, description }.');
  const specs = objects.map((object) => cardSpecOf(object, style));
  assertDistinctIds(specs.map(({ objectId }) => objectId));
  return specs;
}

/** @throws ImageError of kind `invalid-request`. */
export function imageSpecOf(request: ImageAssetRequest): ImageSpec {
  assertKnownFields(
    request,
    ['id', 'prompt', 'followReference', 'references', 'background', 'format', ...commonFields],
    'generateImage',
  );
  const references = request.references?.map((reference, index) => {
    if (typeof reference?.path === 'string' && reference.path !== '')
      return { path: reference.path, role: reference.role ?? 'style' };
    throw invalidRequest(
      `references[${index}] needs a path: a session keeps what it was made from, so bytes are not taken here.`,
    );
  });
  const spec: Omit<ImageSpec, 'imageId'> = {
    kind: 'image',
    prompt: textOf(request.prompt, 'prompt'),
    followReference: request.followReference ?? true,
    ...(references === undefined || references.length === 0 ? {} : { references }),
    ...(request.background === undefined ? {} : { background: request.background }),
    ...(request.format === undefined ? {} : { format: request.format }),
    ...commonOf(request, 'The image'),
  };
  const imageId = request.id ?? hashOf(spec).slice(0, 16);
  assertObjectId(imageId);
  return { ...spec, imageId };
}

/** Ids within a session must be apart from those that it has already. */
export function assertDistinctAssets(specs: readonly AssetSpec[], existing: readonly AssetSpec[]): void {
  for (const kind of ['card', 'image'] as const) {
    const ids = [...existing, ...specs]
      .filter((spec) => spec.kind === kind)
      .map((spec) => (spec.kind === 'card' ? spec.objectId : (spec as ImageSpec).imageId));
    assertDistinctIds(new Set(ids));
  }
}

export function assertCardRequest(request: ObjectCardRequest): void {
  assertKnownFields(request, ['sessionId', 'object', 'style', 'withoutReference'], 'generateObjectCard');
}

function commonOf(request: Fields | object, label: string): Partial<Omit<CardSpec, 'kind'>> {
  const { style, negativePrompt, size, seed, providerOptions } = request as Fields;
  return {
    ...(style === undefined ? {} : { style: textOf(style, `${label}: style`) }),
    ...(negativePrompt === undefined ? {} : { negativePrompt: textOf(negativePrompt, `${label}: negativePrompt`) }),
    ...(size === undefined ? {} : { size: sizeOf(size, label) }),
    ...(seed === undefined ? {} : { seed: seedOf(seed, label) }),
    ...(providerOptions === undefined ? {} : { providerOptions: optionsOf(providerOptions, label) }),
  };
}

function textOf(value: unknown, label: string): string {
  if (typeof value !== 'string')
    throw invalidRequest(`${label} must be text, not ${value === null ? 'null' : typeof value}.`);
  if (!value.isWellFormed()) throw invalidRequest(`${label} contains a lone surrogate; it is not well-formed Unicode.`);
  if (value.trim() === '') throw invalidRequest(`${label} is empty. Say what is to be seen.`);
  return value;
}

function sizeOf(value: unknown, label: string): ImageSizeInput {
  try {
    const { width, height } = parseSize(value as ImageSizeInput);
    return { width, height };
  } catch (error) {
    throw invalidRequest(`${label}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

function seedOf(value: unknown, label: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw invalidRequest(`${label}: the seed ${String(value)} is not a whole number from 0.`);
}

function optionsOf(value: unknown, label: string): Readonly<Record<string, ProviderOptions>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidRequest(`${label}: providerOptions must be an object by backend name.`);
  }
  try {
    return JSON.parse(JSON.stringify(value)) as Readonly<Record<string, ProviderOptions>>;
  } catch (error) {
    throw invalidRequest(`${label}: providerOptions must be plain JSON.`, error);
  }
}

function assertKnownFields(value: object, known: readonly string[], label: string): void {
  if (typeof value !== 'object' || value === null) throw invalidRequest(`${label}: an object of options is needed.`);
  const unknown = Object.keys(value).filter((key) => !known.includes(key));
  if (unknown.length > 0)
    throw invalidRequest(
      `${label}: unknown ${unknown.map((key) => `"${key}"`).join(', ')}. Known: ${known.join(', ')}.`,
    );
}
