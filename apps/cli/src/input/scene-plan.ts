import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { CostGate, ImageClient, parseSize } from '@holodeck/core';
import { estimateSubmission, isBlank, isSilent } from '@holodeck/core/backend';
import { findSentence } from '@holodeck/core/messages';
import type { ImageBackend } from '@holodeck/core';
import {
  assertSceneObjects,
  assertSessionId,
  assertTakesViews,
  createPromptBuilder,
  readManifest,
} from '@holodeck/hybrid';
import type { CardView, Manifest, PromptSubject, SceneObject } from '@holodeck/hybrid';
import { priceListOf } from '@holodeck/hybrid/registry';

import { CommandError } from '../run/command-error.ts';
import type { CommandRun } from '../run/command-run.ts';
import type { CostSettings } from '../options/cost-options.ts';
import { exitCodes } from '../run/exit-codes.ts';
import type { ConfiguredBackend } from '../run/backends.ts';
import { messages } from '../messages/messages.ts';
import { render, renderError, renderReport } from '../messages/render.ts';

const sceneReferenceId = 'scene-reference';

/** What `scene` should do. */
export interface SceneRequest {
  readonly sessionId: string;
  readonly text: string;
  readonly style?: string;
  /** Of the scene reference. */
  readonly size?: string;
  /** Of the scene reference. */
  readonly seed?: number;
  readonly cost?: CostSettings;
  readonly resubmitUnknown?: boolean;
  readonly noRepay?: boolean;
  readonly objects: readonly SceneObject[];
  /** Of each object, the front first. */
  readonly views: readonly CardView[];
  readonly outputDir: string;
  readonly backends: readonly ConfiguredBackend[];
  /** The same backends as the cards use them. */
  readonly cardBackends: readonly ConfiguredBackend[];
}

/**
 * Shows what `scene` would do: the backend, each image with its prompt and whether it exists, how many images would be
 * paid for, and the cost by the price list. Probes for free; sends and writes nothing.
 *
 * @throws CommandError exit 3 when no backend is available.
 * @throws ImageError of kind `invalid-request` when the backend does not take a size, `unsupported` when it cannot make views.
 */
export async function planScene(run: CommandRun, request: SceneRequest): Promise<void> {
  const { plan } = messages().reports;
  const manifest = await readManifest(join(request.outputDir, request.sessionId)).catch(() => undefined);
  const { backend, reason } = await chooseBackend(run, request, manifest);
  if (request.views.length > 1) await assertViews(run, backend, manifest);
  const { maxCost, prices } = request.cost ?? {};
  const client = new ImageClient(backend);
  const definitions = request.backends.map(({ definition }) => definition);
  const gate = new CostGate({ prices: priceListOf(definitions, prices) });
  const forCards = request.cardBackends.find(({ definition }) => definition.name === backend.name);
  const price = gate.priceOf(backend, backend.capabilities.priceShare);
  const cardPrice = gate.priceOf(backend, await priceShareOf(forCards));
  const prompts = promptsOf(request, backend);
  // Otherwise a size that this backend refuses shows only in the real run.
  for (const { prompt, size } of prompts) {
    const { error } = await client.plan({ prompt, ...(size === undefined ? {} : { size }) });
    if (error !== undefined) throw error;
  }
  const earlier = await earlierSubmissions(request);
  let images = 0;
  let sum = 0;
  run.print(
    { sessionId: request.sessionId, backend: backend.name, model: backend.model, reason },
    plan.backend(backend.name, backend.model, reason),
  );
  for (const { assetId, prompt, size, references } of prompts) {
    const there = manifest?.assets.some(
      (asset) => asset.id === assetId && asset.state === 'current' && asset.prompt === prompt,
    );
    const state = there === true ? undefined : earlier.get(assetId);
    const end = state === undefined ? undefined : whatBecomesOf(state, request);
    const toMake = there !== true && end?.isLeft !== true;
    if (toMake) {
      images += 1;
      const own = assetId === sceneReferenceId ? price : cardPrice;
      if (own !== undefined) sum += estimateSubmission(own, { size: parseSize(size), references });
    }
    const note = end === undefined ? '' : `\n  ${end.text}`;
    run.print(
      { assetId, prompt, toMake, ...(state === undefined ? {} : { earlier: state }) },
      `${plan.asset(assetId, there === true, prompt)}${note}`,
    );
  }
  const cost = price === undefined ? undefined : Math.round(sum * 1e4) / 1e4;
  const estimate = cost === undefined ? plan.unknownCost : plan.about(cost, price?.currency ?? '');
  run.print(
    { images, ...(cost === undefined ? {} : { estimatedCost: cost, currency: price?.currency }) },
    plan.total(images, estimate),
  );
  const limit = typeof maxCost === 'object' ? (maxCost[price?.currency ?? ''] ?? 0) : maxCost;
  if (limit !== undefined && cost !== undefined && backend.capabilities.billable && cost > limit + 1e-9) {
    run.warn(plan.overLimit(cost, limit, price?.currency ?? ''));
  }
  await client.close();
}

/** What a backend takes may depend on the look that it gives to the session, such as the models of a ComfyUI server. */
async function assertViews(run: CommandRun, backend: ImageBackend, manifest: Manifest | undefined): Promise<void> {
  const { fingerprint = null } = manifest ?? {};
  const look = await backend.resolve?.({ signal: run.signal, ...(fingerprint === null ? {} : { fingerprint }) });
  const { model, capabilities } = look ?? backend;
  assertTakesViews({ name: backend.name, model, capabilities });
}

/** The share of its list price that a configured backend costs, such as half of it in batches. */
export async function priceShareOf(reading: ConfiguredBackend | undefined): Promise<number> {
  const backend = await reading?.setup.create();
  await backend?.close();
  return backend?.capabilities.priceShare ?? 1;
}

/** Images of the session whose last submission may be paid, or is paid and lost; by asset id. */
async function earlierSubmissions({
  outputDir,
  sessionId,
}: SceneRequest): Promise<ReadonlyMap<string, 'unknown' | 'lost'>> {
  const found = new Map<string, 'unknown' | 'lost'>();
  const { openStoreForReading } = await import('../run/image-clients.ts');
  const store = existsSync(outputDir) ? await openStoreForReading(outputDir) : undefined;
  try {
    const scope = `session/${sessionId}`;
    for await (const row of store?.tasks.list({ scope, latestOnly: true }) ?? []) {
      if (row.state !== 'unknown' && row.state !== 'lost') continue;
      found.set(row.taskId.replace(/@\d+(?:#\d+)?$/, ''), row.state);
    }
  } finally {
    await store?.close();
  }
  return found;
}

function whatBecomesOf(
  state: 'unknown' | 'lost',
  { resubmitUnknown = false, noRepay = false }: SceneRequest,
): { readonly isLeft: boolean; readonly text: string } {
  const { actions, earlier } = messages().reports.plan;
  if (state === 'unknown')
    return { isLeft: !resubmitUnknown, text: resubmitUnknown ? earlier.sentAgain : actions.unknown };
  return { isLeft: noRepay, text: noRepay ? earlier.notRepaid : earlier.paidAgain };
}

/** The prompts of the scene's images. @throws ImageError if one is too long for the backend. */
function promptsOf(
  request: SceneRequest,
  backend: ImageBackend,
): readonly {
  readonly assetId: string;
  readonly prompt: string;
  readonly size: SceneObject['size'];
  /** Pictures that are sent with it. */
  readonly references: readonly string[];
}[] {
  const hasReference = backend.capabilities.references?.roles.includes('style') === true;
  const subjects: readonly (readonly [assetId: string, subject: PromptSubject, size: SceneObject['size']])[] = [
    [sceneReferenceId, { kind: 'scene-reference', text: request.text }, request.size],
    ...request.objects.flatMap(({ id, name, description = '', size }) => {
      const card = { kind: 'card', name, description, hasReference } as const;
      return request.views.map((view) =>
        view === 'front'
          ? ([`card/${id}`, card, size] as const)
          : ([`card/${id}/${view}`, { ...card, view }, size] as const),
      );
    }),
  ];
  const builder = createPromptBuilder();
  const style = request.style === undefined ? {} : { style: request.style };
  return subjects.map(([assetId, subject, size]) => {
    const { prompt } = builder.build({ subject, ...style }, backend.capabilities);
    const references = hasReference && subject.kind === 'card' ? [sceneReferenceId] : [];
    return { assetId, prompt, size, references };
  });
}

/**
 * Checks the whole scene before its first image is paid for: ids, sizes, and words that no configured backend takes.
 *
 * @throws ImageError of kind `invalid-request`.
 * @throws CommandError when the text or the style is empty.
 */
export async function checkScene(request: SceneRequest): Promise<void> {
  const { sessionId, text, style, objects, backends } = request;
  if (isBlank(text)) throw new CommandError(messages().errors.emptyScene);
  if (style !== undefined && isBlank(style)) throw new CommandError(messages().errors.emptyStyle);
  assertSessionId(sessionId);
  assertSceneObjects(objects);
  const problems: unknown[] = [];
  for (const { setup } of backends) {
    let backend: ImageBackend | undefined;
    try {
      backend = await setup.create();
      promptsOf(request, backend);
      return;
    } catch (error) {
      problems.push(error);
    } finally {
      await backend?.close();
    }
  }
  throw problems[0];
}

async function chooseBackend(
  run: CommandRun,
  { backends }: SceneRequest,
  manifest: Manifest | undefined,
): Promise<{ readonly backend: ImageBackend; readonly reason: string }> {
  const locked = manifest?.state === 'locked' ? manifest.backend : null;
  const reports: string[] = [];
  let silent: { readonly backend: ImageBackend; readonly reason: string } | undefined;
  for (const { definition, setup } of backends) {
    if (locked !== null && definition.name !== locked) continue;
    let backend: ImageBackend;
    try {
      backend = await setup.create();
    } catch (error) {
      reports.push(`\n  ${messages().reports.labelled(definition.name, renderError(error))}`);
      continue;
    }
    if (locked !== null) return { backend, reason: messages().reports.plan.locked };
    const client = new ImageClient(backend);
    const report = await client.probe({ signal: run.signal });
    const choice = { backend, reason: render(findSentence(report.message, report.sentences)) };
    if (isSilent(report) && silent === undefined) {
      silent = choice;
      continue;
    }
    if (report.status !== 'down' && !isSilent(report)) {
      await silent?.backend.close();
      return choice;
    }
    reports.push(`\n  ${messages().reports.labelled(report.backend, renderReport(report))}`);
    await client.close();
  }
  if (locked !== null) throw new CommandError(messages().errors.lockedElsewhere(locked));
  if (silent !== undefined) return silent;
  throw new CommandError(`${messages().errors.noneAvailable}${reports.join('')}`, exitCodes.noBackend);
}
