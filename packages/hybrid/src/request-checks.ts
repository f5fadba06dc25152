import { isBlank } from '@holodeck/core/backend';
import type { ImageSizeInput, ProviderOptions } from '@holodeck/core';
import { parseSize } from '@holodeck/core';
import type { Message, MessageValue } from '@holodeck/core/messages';
import type { AssetSpec, CardSpec, ImageSpec, SceneReferenceSpec } from './assets/asset-spec.ts';
import { viewsOf } from './assets/card-views.ts';
import type { CardsOfObject } from './assets/make-cards.ts';
import { assertDistinctIds, assertObjectId, assertSessionId } from './identifiers.ts';
import { hashOf } from './internal/canonical.ts';
import { invalidRequest } from './internal/errors.ts';
import { say } from './request-messages.ts';
import type {
  ImageAssetRequest,
  ObjectCardRequest,
  ObjectCardsRequest,
  SceneObject,
  SceneReferenceRequest,
} from './requests.ts';

type Fields = Readonly<Record<string, unknown>>;

const commonFields = ['style', 'negativePrompt', 'size', 'seed', 'providerOptions'] as const;

/** @throws ImageError of kind `invalid-request`. */
export function sceneSpecOf(request: SceneReferenceRequest): SceneReferenceSpec {
  assertKnownFields(request, ['sessionId', 'sceneText', 'views', ...commonFields], 'generateSceneReference');
  assertSessionId(request.sessionId);
  const { style: _style, ...common } = commonOf(request, say('the-scene'));
  return { kind: 'scene-reference', text: textOf(request.sceneText, 'sceneText'), ...common };
}

/** @throws ImageError of kind `invalid-request`. */
export function cardSpecOf(object: SceneObject, style?: string): CardSpec {
  if (typeof object !== 'object' || object === null) {
    throw invalidRequest(say('object-form'));
  }
  assertObjectId(object.id);
  const label = say('the-object', { id: object.id });
  assertKnownFields(object, ['id', 'name', 'description', ...commonFields], label);
  const description = object.description ?? '';
  if (typeof description !== 'string' || !description.isWellFormed())
    throw invalidRequest(say('description-text', { subject: label }));
  return {
    kind: 'card',
    objectId: object.id,
    name: textOf(object.name, fieldOf(label, 'name')),
    description,
    ...(style === undefined ? {} : { style }),
    ...commonOf(object, label),
  };
}

/** The cards of each object, the front first. @throws ImageError of kind `invalid-request`; nothing of the list is used then. */
export function cardSpecsOf({
  objects,
  style,
  views,
}: Pick<ObjectCardsRequest, 'objects' | 'style' | 'views'>): readonly CardsOfObject[] {
  if (!Array.isArray(objects)) throw invalidRequest(say('objects-list'));
  const [, ...further] = viewsOf(views);
  const fronts = objects.map((object) => cardSpecOf(object, style));
  assertDistinctIds(fronts.map(({ objectId }) => objectId));
  return fronts.map((front) => [front, ...further.map((view) => ({ ...front, view }) as CardSpec)]);
}

/**
 * Checks objects as `generateObjectCards` does, so that bad ones are refused before the scene reference is paid for.
 *
 * @throws ImageError of kind `invalid-request` that names the object and what is wrong with it.
 */
export function assertSceneObjects(objects: readonly SceneObject[]): void {
  cardSpecsOf({ objects });
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
    throw invalidRequest(say('reference-path', { place: `references[${index}]` }));
  });
  const spec: Omit<ImageSpec, 'imageId'> = {
    kind: 'image',
    prompt: textOf(request.prompt, 'prompt'),
    followReference: request.followReference ?? true,
    ...(references === undefined || references.length === 0 ? {} : { references }),
    ...(request.background === undefined ? {} : { background: request.background }),
    ...(request.format === undefined ? {} : { format: request.format }),
    ...commonOf(request, say('the-image')),
  };
  const imageId = request.id ?? hashOf(spec).slice(0, 16);
  assertObjectId(imageId);
  return { ...spec, imageId };
}

/** New ids must differ from the session's existing ones, also on file systems that ignore case. */
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

function commonOf(request: Fields | object, label: Message): Partial<Omit<CardSpec, 'kind'>> {
  const { style, negativePrompt, size, seed, providerOptions } = request as Fields;
  return {
    ...(style === undefined ? {} : { style: textOf(style, fieldOf(label, 'style')) }),
    ...(negativePrompt === undefined
      ? {}
      : { negativePrompt: textOf(negativePrompt, fieldOf(label, 'negativePrompt')) }),
    ...(size === undefined ? {} : { size: sizeOf(size, label) }),
    ...(seed === undefined ? {} : { seed: seedOf(seed, label) }),
    ...(providerOptions === undefined ? {} : { providerOptions: optionsOf(providerOptions, label) }),
  };
}

function fieldOf(subject: Message, name: string): Message {
  return say('field', { subject, name });
}

function textOf(value: unknown, subject: MessageValue): string {
  if (typeof value !== 'string')
    throw invalidRequest(say('text-type', { subject, type: value === null ? 'null' : typeof value }));
  if (!value.isWellFormed()) throw invalidRequest(say('text-surrogate', { subject }));
  if (isBlank(value)) throw invalidRequest(say('text-empty', { subject }));
  return value;
}

function sizeOf(value: unknown, subject: Message): ImageSizeInput {
  try {
    const { width, height } = parseSize(value as ImageSizeInput);
    return { width, height };
  } catch (error) {
    throw invalidRequest(say('size', { subject, problem: error instanceof Error ? error : String(error) }), error);
  }
}

function seedOf(value: unknown, subject: Message): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw invalidRequest(say('seed', { subject, seed: String(value) }));
}

function optionsOf(value: unknown, subject: Message): Readonly<Record<string, ProviderOptions>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidRequest(say('provider-options', { subject }));
  }
  try {
    return JSON.parse(JSON.stringify(value)) as Readonly<Record<string, ProviderOptions>>;
  } catch (error) {
    throw invalidRequest(say('provider-options-json', { subject }), error);
  }
}

function assertKnownFields(value: object, known: readonly string[], subject: MessageValue): void {
  if (typeof value !== 'object' || value === null) throw invalidRequest(say('options-object', { subject }));
  const unknown = Object.keys(value).filter((key) => !known.includes(key));
  if (unknown.length === 0) return;
  const names = unknown.map((key) => `"${key}"`).join(', ');
  throw invalidRequest(say('fields-unknown', { subject, unknown: names, known: known.join(', ') }));
}
