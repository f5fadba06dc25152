import type { GenerationTask, ImageWarning, ReferenceInput } from '@holodeck/core';
import type { BackendLook } from '../backends/backend-look.ts';
import { hashOf } from '../internal/canonical.ts';
import type { ColourNames } from '../prompts/main-colours.ts';
import type { BuiltPrompt, PromptBuilder, PromptInput, SceneInWords } from '../prompts/prompt-builder.ts';
import { isTransparencySure } from '../prompts/transparency.ts';
import type { SessionData } from '../session/session-data.ts';
import type { Asset, AssetLook } from './asset.ts';
import { say } from './asset-messages.ts';
import type { AssetSpec, MakeableSpec } from './asset-spec.ts';
import { seedFor } from './asset-seed.ts';

/** A picture's facts besides its bytes. Plain JSON in the task's row, so that another process can publish the picture. */
export interface StoredPlan {
  readonly makeKey: string;
  /** Hash of what the caller wanted when the task began. */
  readonly wishKey: string;
  readonly choiceEpoch: number;
  /** Of the backend that makes it. */
  readonly fingerprint: string;
  /** Of the backend in the session's look; absent in rows of earlier versions. */
  readonly model?: string;
  readonly variation: number;
  readonly prompt: string;
  readonly negativePrompt?: string;
  readonly style?: string;
  readonly seed?: number;
  readonly promptVersion: string;
  /** Absent in rows of earlier versions. */
  readonly look?: AssetLook;
  /** Of the scene reference that is sent along. */
  readonly referenceSha256: string | null;
  /** Of the scene reference that only words describe. */
  readonly wordsSha256?: string;
  /** Of the front card that is sent along, for a view. */
  readonly frontSha256?: string;
  readonly warnings: readonly ImageWarning[];
}

/** A plan and the request that goes with it. */
export interface AssetPlan {
  readonly stored: StoredPlan;
  readonly request: Omit<GenerationTask, 'taskId' | 'outputPath' | 'scope' | 'metadata' | 'priority'>;
}

/** A session's current scene reference. */
export interface CurrentReference {
  readonly sha256: string;
  readonly path: string;
  /** The sentence that it was made from. */
  readonly text?: string;
  /** Names of its main colours; needed where it is not sent. */
  readonly colours?: ColourNames;
}

/** What a plan is made from. */
export interface PlanInput {
  readonly asset: Asset;
  readonly session: SessionData;
  readonly choiceEpoch: number;
  /** The session's scene reference, if it is current. */
  readonly reference: CurrentReference | undefined;
  /** Of a view: the object's front card, if it is current. */
  readonly front?: Pick<CurrentReference, 'sha256' | 'path'> | undefined;
  readonly backend: BackendLook;
  readonly prompts: PromptBuilder;
}

/** Hash of what the caller wants of an asset. A result that was made for something else does not replace it. */
export function requestedHashOf({
  spec,
  variation,
  variationSeed,
}: Pick<Asset, 'spec' | 'variation' | 'variationSeed'>): string {
  return hashOf({ spec, variation, variationSeed });
}

/** Hash of everything that determines a picture except the backend, which the session's lock determines. */
function inputHashOf(
  { spec, variation, variationSeed }: Pick<Asset, 'spec' | 'variation' | 'variationSeed'>,
  session: SessionData,
  referenceSha256: string | null,
  frontSha256: string | undefined,
  promptVersion: string,
): string {
  const style = styleOf(spec, session) ?? null;
  return hashOf({ spec, variation, variationSeed, style, referenceSha256, frontSha256, promptVersion });
}

/** Whether a backend is sent the scene reference, in the look that it gives to a session. */
export function sendsReference({ capabilities }: BackendLook): boolean {
  return capabilities.references?.roles.includes('style') === true;
}

function inWords({ text, colours = { en: [], zh: [] } }: CurrentReference): SceneInWords {
  return { colours, ...(text === undefined ? {} : { text }) };
}

/** Whether an asset follows the scene reference. */
export function followsReference(spec: AssetSpec): boolean {
  return spec.kind === 'card' || (spec.kind === 'image' && spec.followReference);
}

/**
 * What is sent for an asset. Pure.
 *
 * @throws ImageError of kind `invalid-request` if the prompt is too long for the backend.
 */
export function planAsset(input: PlanInput): AssetPlan {
  const { asset, session, backend, prompts, choiceEpoch, front } = input;
  const spec = asset.spec as MakeableSpec;
  const { capabilities } = backend;
  const reference = followsReference(spec) ? input.reference : undefined;
  const sent = sendsReference(backend) ? reference : undefined;
  const look = reference === undefined ? 'none' : sent === undefined ? 'words' : 'reference';
  const built = prompts.build(
    {
      ...promptInput(spec, styleOf(spec, session), sent !== undefined),
      ...(look === 'words' ? { look: inWords(reference!) } : {}),
    },
    capabilities,
  );
  const warnings: ImageWarning[] = [...built.warnings];
  if (spec.kind === 'card' && spec.view === undefined && reference === undefined)
    warnings.push({ code: 'other', ...say('without-reference') });
  const { seed, warning } = seedFor(asset, backend, built.prompt);
  if (warning !== undefined) warnings.push(warning);
  const references = referencesOf(spec, front?.path, sent?.path);
  if (look === 'words')
    warnings.push({
      code: 'reference-not-sent',
      feature: 'references',
      ...say('reference-not-sent', { backend: backend.name }),
    });
  const stored: StoredPlan = {
    makeKey: inputHashOf(asset, session, reference?.sha256 ?? null, front?.sha256, prompts.version),
    wishKey: requestedHashOf(asset),
    choiceEpoch,
    fingerprint: backend.fingerprint,
    model: backend.model,
    variation: asset.variation,
    ...wordsOf(built),
    ...(seed === undefined ? {} : { seed }),
    promptVersion: built.version,
    look,
    referenceSha256: sent?.sha256 ?? null,
    ...(look === 'words' ? { wordsSha256: reference!.sha256 } : {}),
    ...(front === undefined ? {} : { frontSha256: front.sha256 }),
    warnings,
  };
  return {
    stored,
    request: {
      ...wordsOf(built),
      ...(spec.size === undefined ? {} : { size: spec.size }),
      ...(seed === undefined ? {} : { seed }),
      ...(references.length === 0 ? {} : { references }),
      ...lookOf(spec, backend),
      ...optionsOf(spec, backend),
    },
  };
}

function wordsOf({ prompt, negativePrompt, style }: BuiltPrompt): {
  prompt: string;
  negativePrompt?: string;
  style?: string;
} {
  return {
    prompt,
    ...(negativePrompt === undefined ? {} : { negativePrompt }),
    ...(style === undefined ? {} : { style }),
  };
}

/** The caller's options, and what makes the backend draw in the session's look. */
function optionsOf(
  { providerOptions = {} }: MakeableSpec,
  { name, providerOptions: look }: BackendLook,
): Pick<AssetPlan['request'], 'providerOptions'> {
  const options =
    Object.keys(look).length === 0
      ? providerOptions
      : { ...providerOptions, [name]: { ...providerOptions[name], ...look } };
  return Object.keys(options).length === 0 ? {} : { providerOptions: options };
}

function styleOf(spec: AssetSpec, session: SessionData): string | undefined {
  return spec.kind === 'imported-reference' ? undefined : (spec.style ?? session.style);
}

function promptInput(spec: MakeableSpec, style: string | undefined, hasReference: boolean): PromptInput {
  const extras = {
    ...(style === undefined ? {} : { style }),
    ...(spec.negativePrompt === undefined ? {} : { negativePrompt: spec.negativePrompt }),
  };
  if (spec.kind === 'card') {
    const { kind, name, description, view } = spec;
    const subject = { kind, name, description, hasReference, ...(view === undefined ? {} : { view }) };
    return { subject, ...extras };
  }
  const text = spec.kind === 'image' ? spec.prompt : spec.text;
  return { subject: { kind: spec.kind, text }, ...extras };
}

/** The front card first: the words of a view say so, and backends give the first picture the most weight. */
function referencesOf(
  spec: MakeableSpec,
  frontPath: string | undefined,
  scenePath: string | undefined,
): readonly ReferenceInput[] {
  const followed: ReferenceInput[] = [frontPath, scenePath].flatMap((path) =>
    path === undefined ? [] : [{ path, role: 'style' }],
  );
  return spec.kind === 'image' ? [...followed, ...(spec.references ?? [])] : followed;
}

function lookOf(
  spec: MakeableSpec,
  { capabilities }: BackendLook,
): Pick<AssetPlan['request'], 'background' | 'format'> {
  const png = capabilities.formats.includes('png') ? ({ format: 'png' } as const) : {};
  if (spec.kind === 'card')
    return { ...png, ...(isTransparencySure(capabilities) ? { background: 'transparent' } : {}) };
  if (spec.kind === 'scene-reference') return png;
  return {
    ...(spec.format === undefined ? png : { format: spec.format }),
    ...(spec.background === undefined ? {} : { background: spec.background }),
  };
}
