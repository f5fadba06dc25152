import type { ManifestAsset, Session, SessionLockInfo } from '@holodeck/hybrid';
import type { AssetView, AvailabilityView, MoneyView, SessionSummary, SessionView } from '../shared/session-view.ts';
import type { Scene } from './scene-file.ts';
import { fileUrl } from './session-files.ts';
import { failureOf } from './story.ts';
import { sentenceTexts, textsOf } from './texts.ts';

const referenceId = 'scene-reference';

/** A session's current state. */
export async function viewSession(
  sessionId: string,
  scene: Scene,
  session: Session,
  availability: readonly AvailabilityView[],
  running: boolean,
): Promise<SessionView> {
  const [lock, stored] = await Promise.all([session.lock, session.assets]);
  const assets = assetViews(sessionId, scene, stored);
  const missing = assets.filter(isMissing).length;
  const target = lock.backend ?? firstUsable(availability, undefined);
  const next = lock.backend === undefined ? undefined : firstUsable(availability, lock.backend);
  const remade = assets.filter((asset) => asset.state !== 'superseded' && !asset.imported).length;
  return {
    sessionId,
    text: scene.text,
    style: scene.style,
    policy: scene.policy,
    createdAtMs: scene.createdAtMs,
    lock: lockView(lock),
    running,
    assets,
    missing,
    spent: sumOf(assets.map(({ cost }) => cost)),
    estimate: { ...moneyOf(missing, target, availability), ...(target === undefined ? {} : { backend: target }) },
    ...(next === undefined ? {} : { next: { ...moneyOf(remade, next, availability), backend: next } }),
  };
}

/** An entry of the list. */
export function summarizeSession(
  sessionId: string,
  scene: Scene,
  lock: SessionLockInfo | undefined,
  stored: readonly ManifestAsset[],
  running: boolean,
): SessionSummary {
  const assets = assetViews(sessionId, scene, stored).filter(({ state }) => state !== 'superseded');
  const [reference] = assets;
  return {
    sessionId,
    text: scene.text,
    createdAtMs: scene.createdAtMs,
    backend: lock?.backend ?? null,
    state: lock?.state ?? 'free',
    running,
    made: assets.filter(({ state }) => state === 'current').length,
    total: assets.length,
    thumbnailUrl: reference?.url ?? assets.find(({ url }) => url !== null)?.url ?? null,
  };
}

/** The backend that would be chosen now. */
export function firstUsable(availability: readonly AvailabilityView[], except: string | undefined): string | undefined {
  return availability.find(({ backend, status }) => backend !== except && (status === 'ready' || status === 'unknown'))
    ?.backend;
}

/** An image that may have been paid for is made again only on explicit request. */
function isMissing({ state, error }: AssetView): boolean {
  return state !== 'current' && state !== 'superseded' && error?.outcome !== 'unknown';
}

/** The session's images and those requested, in the order of the scene. */
function assetViews(sessionId: string, scene: Scene, stored: readonly ManifestAsset[]): readonly AssetView[] {
  const byId = new Map(stored.map((asset) => [asset.id, asset]));
  const wanted: AssetView[] = [
    viewOf(sessionId, byId.get(referenceId), { id: referenceId, kind: 'scene-reference', name: '', text: scene.text }),
    ...scene.objects.flatMap(({ id, name, description }) => [
      viewOf(sessionId, byId.get(`card/${id}`), { id: `card/${id}`, kind: 'card', name, text: description }),
      ...stored
        .filter((asset) => asset.view !== undefined && asset.objectId === id && asset.state !== 'superseded')
        .map((asset) => viewOf(sessionId, asset, { id: asset.id, kind: 'card', name, text: '' })),
    ]),
  ];
  const known = new Set(wanted.map(({ id }) => id));
  const further = stored.filter(({ id }) => !known.has(id));
  return [
    ...wanted,
    ...further.map((asset) =>
      viewOf(sessionId, asset, { id: asset.id, kind: asset.kind, name: asset.name ?? '', text: '' }),
    ),
  ];
}

interface Wanted {
  readonly id: string;
  readonly kind: AssetView['kind'];
  readonly name: string;
  readonly text: string;
}

function viewOf(sessionId: string, asset: ManifestAsset | undefined, { id, kind, name, text }: Wanted): AssetView {
  const common = { id, kind, name, description: text };
  if (asset === undefined) {
    const nothing = { url: null, backend: null, model: null, seed: null, prompt: null, revisedPrompt: null };
    return { ...common, ...nothing, state: 'pending', gate: null, warnings: [], cost: { images: 0 }, imported: false };
  }
  const url = asset.path === null ? null : fileUrl(sessionId, asset.path, asset.sha256?.slice(0, 12) ?? '');
  const { originalPath, originalSha256, size, gate, cost, timings, error } = asset;
  return {
    ...common,
    ...(asset.view === undefined ? {} : { view: asset.view }),
    state: asset.state,
    url,
    ...(asset.staleReason === undefined ? {} : { staleReason: sentenceTexts(asset.staleReason, asset.sentences) }),
    ...(originalPath === undefined
      ? {}
      : { originalUrl: fileUrl(sessionId, originalPath, originalSha256?.slice(0, 12) ?? '') }),
    ...(size === null ? {} : size),
    backend: asset.backend,
    model: asset.model,
    seed: asset.seed,
    prompt: asset.prompt,
    revisedPrompt: asset.revisedPrompt,
    ...(asset.look === undefined ? {} : { look: asset.look }),
    gate:
      gate === null
        ? null
        : { status: gate.status, reasons: gate.reasons.map((reason) => sentenceTexts(reason, gate.sentences)) },
    ...(asset.judgement === undefined ? {} : { judgement: judgementView(asset.judgement) }),
    warnings: asset.warnings.map(textsOf),
    cost: {
      images: cost.paidSubmissions,
      ...(cost.amount === undefined ? {} : { amount: cost.amount }),
      ...(cost.currency === undefined ? {} : { currency: cost.currency }),
    },
    ...(timings === null ? {} : { totalMs: timings.totalMs }),
    ...(error === undefined ? {} : { error: failureOf(error) }),
    imported: asset.spec.kind === 'imported-reference',
  };
}

function judgementView(verdict: NonNullable<ManifestAsset['judgement']>): NonNullable<AssetView['judgement']> {
  const { showsObject, oneObject, textOrMarks, reason } = verdict;
  return { isAsAsked: showsObject === true && oneObject === true && textOrMarks === false, reason };
}

function lockView({ state, epoch, backend, model, acquiredAtMs }: SessionLockInfo): SessionView['lock'] {
  return {
    state,
    epoch,
    ...(backend === undefined ? {} : { backend }),
    ...(model === undefined ? {} : { model }),
    ...(acquiredAtMs === undefined ? {} : { acquiredAtMs }),
  };
}

function moneyOf(images: number, backend: string | undefined, availability: readonly AvailabilityView[]): MoneyView {
  const price = availability.find((report) => report.backend === backend)?.price;
  return price === undefined
    ? { images }
    : { images, amount: round(images * price.perImage), currency: price.currency };
}

/** Sums by currency; images without a price are summed separately. */
function sumOf(costs: readonly MoneyView[]): readonly MoneyView[] {
  const sums = new Map<string | undefined, MoneyView>();
  for (const { images, amount = 0, currency } of costs) {
    if (images === 0) continue;
    const sum = sums.get(currency);
    const total = { images: (sum?.images ?? 0) + images };
    sums.set(
      currency,
      currency === undefined ? total : { ...total, amount: round((sum?.amount ?? 0) + amount), currency },
    );
  }
  return [...sums.values()];
}

function round(amount: number): number {
  return Math.round(amount * 1e6) / 1e6;
}
