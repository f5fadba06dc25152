import { cardViews } from '../assets/card-views.ts';
import { assertObjectId } from '../identifiers.ts';
import { invalidRequest } from '../internal/errors.ts';
import type { Manifest } from './manifest.ts';
import { manifestVersion } from './manifest.ts';
import { say } from './manifest-messages.ts';

type Check = (value: unknown) => boolean;

const isString: Check = (value) => typeof value === 'string';
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
/** Files of earlier versions have none. */
const isLabels: Check = (value) =>
  value === undefined ||
  (isObject(value) && ['source', 'file'].every((name) => isObject((value as Record<string, unknown>)[name])));
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const isSha256: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
/** Stays inside the session's folder. */
const isInnerPath: Check = (value) =>
  typeof value === 'string' &&
  value !== '' &&
  !value.startsWith('/') &&
  !/[\\:\0]/.test(value) &&
  value.split('/').every((part) => part !== '' && part !== '.' && part !== '..');

const topLevel: Readonly<Record<string, Check>> = {
  sessionId: isString,
  revision: isCount,
  updatedAt: isString,
  state: oneOf('free', 'claimed', 'locked'),
  backend: orNull(isString),
  model: orNull(isString),
  fingerprint: orNull(isString),
  epoch: isCount,
  choiceEpoch: orNull(isCount),
  assets: Array.isArray,
};

const perAsset: Readonly<Record<string, Check>> = {
  id: isString,
  kind: oneOf('scene-reference', 'card', 'image'),
  state: oneOf('current', 'stale', 'failed', 'pending', 'superseded'),
  epoch: isCount,
  path: orNull(isInnerPath),
  sha256: orNull(isSha256),
  backend: orNull(isString),
  model: orNull(isString),
  look: oneOf(undefined, 'reference', 'words', 'none'),
  labels: isLabels,
  warnings: Array.isArray,
  cost: isObject,
  spec: isObject,
  variation: isCount,
  makeKey: orNull(isString),
};

/** Checks what code relies on; the JSON Schema says the rest. Unknown members are left alone. */
export function assertManifest(value: unknown, file: string): asserts value is Manifest {
  if (!isObject(value)) throw invalidRequest(say('manifest-object', { file }));
  const manifest = value as Record<string, unknown>;
  const { version } = manifest;
  if (version !== manifestVersion) {
    throw invalidRequest(
      typeof version === 'number' && version > manifestVersion
        ? say('manifest-newer', { file, version, known: manifestVersion })
        : say('manifest-version', { file, known: manifestVersion }),
    );
  }
  check(manifest, topLevel, '', file);
  for (const [index, asset] of (manifest['assets'] as unknown[]).entries()) {
    const place = `assets[${index}]`;
    if (!isObject(asset)) throw invalidRequest(say('manifest-asset', { file, place }));
    check(asset as Record<string, unknown>, perAsset, `${place}.`, file);
    checkId(asset as Record<string, unknown>, place, file);
    const original = (asset as Record<string, unknown>)['originalPath'];
    if (original !== undefined && !isInnerPath(original)) {
      throw invalidRequest(say('manifest-original', { file, place }));
    }
  }
}

/** Files are named by these ids: another text could lead out of the session's folder. */
function checkId({ id, state, spec }: Record<string, unknown>, place: string, file: string): void {
  const { kind, objectId, imageId, view } = spec as Record<string, unknown>;
  if (kind !== 'card' && kind !== 'image') return;
  const own = kind === 'card' ? objectId : imageId;
  try {
    assertObjectId(own);
  } catch (cause) {
    throw invalidRequest(say('manifest-spec', { file, place, problem: cause as Error }));
  }
  const further = cardViews.find((known) => known === view && known !== 'front');
  if (kind === 'card' && view !== undefined && further === undefined) {
    throw invalidRequest(say('manifest-field', { file, field: `${place}.spec.view` }));
  }
  const suffix = further === undefined || kind !== 'card' ? '' : `/${further}`;
  if (state !== 'superseded' && id !== `${kind}/${own}${suffix}`) {
    throw invalidRequest(say('manifest-id', { file, place }));
  }
}

function check(
  value: Record<string, unknown>,
  checks: Readonly<Record<string, Check>>,
  prefix: string,
  file: string,
): void {
  for (const [name, isFine] of Object.entries(checks)) {
    if (!isFine(value[name])) throw invalidRequest(say('manifest-field', { file, field: `${prefix}${name}` }));
  }
}
