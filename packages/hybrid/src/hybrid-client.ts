import { resolve } from 'node:path';
import { openCardWorkers } from '@holodeck/cards';
import { CostGate, ImageClient } from '@holodeck/core';
import { makeFolder, systemClock } from '@holodeck/core/backend';
import { createOwner, openStoreForFolder } from '@holodeck/core/stores';
import type { ClientStats, ImageBackend, ProbeReport } from '@holodeck/core';
import type { Spending } from '@holodeck/core/backend';
import type { Store } from '@holodeck/core/stores';
import { assetsOf } from './assets/asset.ts';
import type { AssetResult, ObjectCardResult, SceneReferenceResult } from './assets/asset-result.ts';
import { viewsOf } from './assets/card-views.ts';
import { makeCards } from './assets/make-cards.ts';
import { sceneReferenceId } from './assets/asset-spec.ts';
import { Availability } from './backends/availability.ts';
import type { BackendDescriptor } from './backends/backend-descriptor.ts';
import { BackendMember } from './backends/backend-member.ts';
import type { HybridSettings } from './hybrid-options.ts';
import { assertSessionId, isSessionId } from './identifiers.ts';
import { invalidRequest } from './internal/errors.ts';
import type { HybridContext } from './internal/hybrid-context.ts';
import { note } from './internal/hybrid-context.ts';
import { SessionHub } from './internal/session-hub.ts';
import { Judging } from './judge/judging.ts';
import { createPromptBuilder } from './prompts/prompt-builder.ts';
import { priceListOf } from './registry/price-list.ts';
import { assertCardRequest, assertDistinctAssets, cardSpecOf, cardSpecsOf, sceneSpecOf } from './request-checks.ts';
import { say } from './request-messages.ts';
import type { ObjectCardRequest, ObjectCardsRequest, SceneReferenceRequest } from './requests.ts';
import { AssetMaker } from './assets/asset-maker.ts';
import type { HybridCallOptions } from './assets/call-state.ts';
import { createCallState } from './assets/call-state.ts';
import { declareAssets } from './assets/declare-assets.ts';
import { openSession } from './session/open-session.ts';
import { resumeSessions } from './session/resume-sessions.ts';
import { finish, Session } from './session/session.ts';
import type { SessionParts } from './session/session.ts';
import { SessionLock } from './lock/session-lock.ts';
import type { SessionLockInfo } from './lock/session-lock-info.ts';
import { lockInfoOf } from './lock/session-lock-info.ts';
import { resumeRows } from './session/session-rows.ts';
import { bringUpToDate } from './session/write-report.ts';

interface Parts extends SessionParts {
  readonly ownStore: boolean;
}

/**
 * Drives several image services with one look per session. Made by `createHybridClient` or `createHybridClientFromEnv`;
 * opens nothing until it is used.
 */
export class HybridClient {
  readonly #settings: HybridSettings;
  readonly #resolveBackends: () => Promise<readonly BackendDescriptor[]>;
  #parts: Promise<Parts> | undefined;
  #closed = false;

  /** Use `createHybridClient`. */
  constructor(settings: HybridSettings, resolveBackends: () => Promise<readonly BackendDescriptor[]>) {
    this.#settings = settings;
    this.#resolveBackends = resolveBackends;
  }

  /** Probes all backends: free, in parallel, with a deadline, cached. In order of priority. */
  async availability(options: { readonly fresh?: boolean } = {}): Promise<ProbeReport[]> {
    return (await this.#open()).context.availability.reports(options);
  }

  /** Calls back when a probe or a fault changes a backend's status. Returns a function that unsubscribes. */
  async onAvailabilityChange(listener: (report: ProbeReport) => void): Promise<() => void> {
    return (await this.#open()).context.availability.onChange(listener);
  }

  /**
   * Makes a session's scene reference, unless it exists. Resolves in any case (see `success`); only bad arguments reject.
   *
   * @throws ImageError of kind `invalid-request` or `session`; then nothing was sent.
   */
  async generateSceneReference(
    request: SceneReferenceRequest,
    options: HybridCallOptions = {},
  ): Promise<SceneReferenceResult> {
    const spec = sceneSpecOf(request);
    const { sessionId, views } = request;
    const call = createCallState(options, viewsOf(views).length > 1);
    const { context, maker } = await this.#openSession(sessionId);
    await declareAssets(context, sessionId, [spec], { sceneText: spec.text, style: request.style });
    return finish({ context, maker }, sessionId, sceneReferenceId, call);
  }

  /**
   * Makes the cards of a session's objects, as many at a time as permits allow. Results are in the order of the objects, and of the
   * views of each; one failure does not affect other objects. Existing cards are not made again. Only bad arguments reject.
   *
   * @throws ImageError of kind `invalid-request` or `session`; then nothing was sent.
   */
  async generateObjectCards(request: ObjectCardsRequest, options: HybridCallOptions = {}): Promise<ObjectCardResult[]> {
    const { sessionId, views, withoutReference = false } = request;
    assertSessionId(sessionId);
    const cards = cardSpecsOf(request);
    const specs = cards.flat();
    const { context, maker } = await this.#openSession(sessionId);
    const existing = await assetsOf(context, sessionId);
    assertDistinctAssets(
      specs,
      existing.map((asset) => asset.spec),
    );
    await declareAssets(context, sessionId, specs, undefined, withoutReference);
    const call = createCallState(options, viewsOf(views).length > 1);
    const results = await Promise.all(
      cards.map((ofObject) => makeCards({ context, maker }, sessionId, ofObject, call)),
    );
    await call.remaking;
    await bringUpToDate(context, sessionId);
    return results.flat();
  }

  /** Makes one object's card. As `generateObjectCards`. */
  async generateObjectCard(request: ObjectCardRequest, options: HybridCallOptions = {}): Promise<ObjectCardResult> {
    assertCardRequest(request);
    const { object, ...common } = request;
    // Checking one object gives the clearer message.
    cardSpecOf(object, request.style);
    const [result] = await this.generateObjectCards({ ...common, objects: [object] }, options);
    return result as ObjectCardResult;
  }

  /**
   * A handle on one session.
   *
   * @throws ImageError of kind `invalid-request` for an id that breaks the rule.
   */
  session(sessionId: string): Session {
    assertSessionId(sessionId);
    return new Session(sessionId, () => this.#open());
  }

  /** What this client has spent since it was created, by the price list. */
  async spending(): Promise<Spending> {
    return (await this.#open()).context.costGate.spending;
  }

  /** Counts of the backends that are in use here, as `ImageClient.stats` has them. */
  async stats(): Promise<readonly ClientStats[]> {
    const { context } = await this.#open();
    const stats = await Promise.all(context.members.map((member) => member.stats()));
    return stats.filter((one) => one !== undefined);
  }

  /** All sessions of the output folder, in order of their first use. */
  async sessions(): Promise<readonly SessionLockInfo[]> {
    const { context } = await this.#open();
    const records = await context.store.sessions.list();
    return records.filter(({ sessionId }) => isSessionId(sessionId)).map(lockInfoOf);
  }

  /**
   * Finishes and publishes what earlier processes paid for, in one session or in all. Submits nothing. Yields a result for each
   * open image; for a submission with an unknown outcome, only once the outcome is known.
   */
  async *resume(sessionId?: string, options: HybridCallOptions = {}): AsyncGenerator<AssetResult, void, undefined> {
    if (sessionId !== undefined) assertSessionId(sessionId);
    const { context } = sessionId === undefined ? await this.#open() : await this.#openSession(sessionId);
    yield* resumeSessions(context, sessionId, options.signal);
  }

  /** Ends waits, closes backends, the threads for cards, and the store. Accepted jobs stay resumable; `drain` as in `ImageClient.close`. */
  async close(options: { readonly drain?: boolean } = {}): Promise<void> {
    this.#closed = true;
    const parts = await this.#parts?.catch(() => undefined);
    if (parts === undefined) return;
    const { context, ownStore } = parts;
    await Promise.all([context.cardWorkers.close(), ...context.members.map((member) => member.close(options))]);
    if (ownStore) await context.store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #openSession(sessionId: string): Promise<Parts> {
    const parts = await this.#open();
    await openSession(parts.context, sessionId);
    return parts;
  }

  #open(): Promise<Parts> {
    if (this.#closed) return Promise.reject(invalidRequest(say('client-closed')));
    this.#parts ??= this.#make().catch((error: unknown) => {
      this.#parts = undefined;
      throw error;
    });
    return this.#parts;
  }

  async #make(): Promise<Parts> {
    const { outputDir: given = 'output', store: givenStore, stateDir, internal, logger, ...settings } = this.#settings;
    const outputDir = resolve(given);
    const clock = internal?.clock ?? systemClock;
    const prompts = createPromptBuilder(settings.prompts);
    const descriptors = await this.#resolveBackends();
    const store = givenStore ?? (await openStoreForFolder(outputDir, stateDir === undefined ? {} : { stateDir }));
    if (givenStore !== undefined) await makeFolder(outputDir);
    const owner = createOwner();
    await store.registerOwner(owner);
    const { maxSubmissions, maxCost, prices } = settings;
    const costGate =
      settings.costGate ??
      new CostGate({
        ...(maxSubmissions === undefined ? {} : { maxSubmissions }),
        ...(maxCost === undefined ? {} : { maxCost }),
        prices: priceListOf(descriptors, prices),
      });
    const members = descriptors.map(
      (descriptor) =>
        new BackendMember(descriptor, async (backend, own) => this.#drive(backend, own, store, costGate, outputDir)),
    );
    const availability = new Availability(
      members,
      { probeTimeoutMs: settings.probeTimeoutMs ?? 3000, readyTtlMs: 60_000, notReadyTtlMs: 10_000 },
      clock,
    );
    const hub = new SessionHub(clock);
    const context: HybridContext = {
      outputDir,
      store,
      ownerId: owner.id,
      clock,
      logger,
      members,
      availability,
      hub,
      prompts,
      costGate,
      layout: settings.layout ?? 'default',
      onLockedBackendDown: settings.onLockedBackendDown ?? 'fail',
      waitMs: settings.waitMs ?? 600_000,
      cards: settings.cards === false ? undefined : (settings.cards ?? {}),
      cardWorkers: openCardWorkers(),
      judging: settings.judge === undefined ? undefined : new Judging(settings.judge, costGate),
      gateAttempts: settings.gateAttempts ?? 1,
      label: settings.label,
      report: settings.report ?? true,
    };
    const lock = new SessionLock({
      store,
      members,
      availability,
      hub,
      clock,
      ownerId: owner.id,
      claimLeaseMs: internal?.claimLeaseMs ?? 30_000,
      settleOpenRows: async (sessionId, loaded, signal) => {
        for await (const result of resumeRows(context, sessionId, loaded, signal)) void result;
      },
      note: (sessionId, type, data) => note(context, sessionId, type, data),
    });
    return { context, maker: new AssetMaker(context, lock), ownStore: givenStore === undefined };
  }

  async #drive(
    backend: ImageBackend,
    descriptor: BackendDescriptor,
    store: Store,
    costGate: CostGate,
    outputDir: string,
  ): Promise<ImageClient> {
    const { permits, logger, internal, client, cache, telemetry } = this.#settings;
    return new ImageClient(backend, {
      ...client,
      ...descriptor.client,
      outputDir,
      store,
      ...(permits === undefined ? {} : { permits }),
      ...(logger === undefined ? {} : { logger }),
      ...(cache === undefined ? {} : { cache }),
      ...(telemetry === undefined ? {} : { telemetry }),
      ...(internal?.clock === undefined && internal?.random === undefined
        ? {}
        : {
            internal: {
              ...(internal.clock === undefined ? {} : { clock: internal.clock }),
              ...(internal.random === undefined ? {} : { random: internal.random }),
            },
          }),
      costGate,
    });
  }
}
