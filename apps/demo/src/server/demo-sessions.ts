import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import type { ProviderOptions } from '@holodeck/core';
import type { CardView, HybridClient } from '@holodeck/hybrid';
import type { CreateSession, DemoConfig } from '../shared/demo-api.ts';
import { openingIds, samples } from '../shared/samples.ts';
import type { DownPolicy, SessionSummary, SessionView } from '../shared/session-view.ts';
import { say } from './demo-messages.ts';
import { HttpError } from './http-error.ts';
import type { PolicyClients } from './policy-clients.ts';
import { listSessionFolders, newSessionId, readScene, sceneOf, writeScene } from './scene-file.ts';
import type { Scene } from './scene-file.ts';
import type { SessionRuns } from './session-runs.ts';
import type { DemoServices } from './services.ts';
import { firstUsable, summarizeSession, viewSession } from './session-views.ts';
import type { ViewSources } from './session-views.ts';

/** A seed that every backend with seeds accepts. */
const largestSeed = 2 ** 31 - 1;

/** The actions on sessions. Long work runs in the background. */
export class DemoSessions {
  readonly #clients: PolicyClients;
  readonly #outputDir: string;
  readonly #runs: SessionRuns;
  readonly #sources: ViewSources;
  readonly #providerOptions: Readonly<Record<string, ProviderOptions>> | undefined;

  constructor(services: DemoServices, clients: PolicyClients, runs: SessionRuns, outputDir: string) {
    this.#clients = clients;
    this.#outputDir = outputDir;
    this.#runs = runs;
    this.#providerOptions = services.providerOptions;
    this.#sources = { clients, outputDir, isRunning: (id) => runs.isRunning(id) };
  }

  /** @throws HttpError 404 */
  async view(sessionId: string): Promise<SessionView> {
    return (await viewSession(this.#sources, sessionId)) ?? unknownSession();
  }

  /** The latest first. */
  async list(): Promise<readonly SessionSummary[]> {
    const locks = new Map((await this.#clients.reader.sessions()).map((lock) => [lock.sessionId, lock]));
    const ids = await listSessionFolders(this.#outputDir);
    const summaries = await Promise.all(ids.map((id) => summarizeSession(this.#sources, id, locks.get(id))));
    return summaries.filter((summary) => summary !== undefined).sort((a, b) => b.createdAtMs - a.createdAtMs);
  }

  /** Absolute path of a session's folder. @throws HttpError 404 */
  async folder(sessionId: string): Promise<string> {
    await this.#scene(sessionId);
    return join(this.#outputDir, sessionId);
  }

  /** The sessions that a first start made, by the language of their page. */
  async opening(): Promise<DemoConfig['opening']> {
    const found = await Promise.all(
      Object.entries(openingIds).map(async (entry) => ((await this.#find(entry[1])) === undefined ? [] : [entry])),
    );
    return Object.fromEntries(found.flat());
  }

  /** Makes the scenes that the page opens with, if there is not any scene yet. */
  async makeOpening(): Promise<void> {
    if ((await this.list()).length > 0) return;
    for (const language of ['en', 'zh'] as const) {
      for (const { text, style, objects } of samples[language].slice(0, 1)) {
        const named = objects.map(([name, description]) => ({ name, description }));
        await this.create({ text, style, objects: named, policy: 'fail' }, openingIds[language]);
      }
    }
  }

  async create(request: CreateSession, sessionId: string = newSessionId(request.text)): Promise<string> {
    await writeScene(join(this.#outputDir, sessionId), sceneOf(request, Date.now()));
    this.#runs.changed(sessionId);
    if (request.start !== false) await this.continue(sessionId);
    return sessionId;
  }

  /** Makes the user's picture the scene reference. */
  async setReference(sessionId: string, picture: Uint8Array): Promise<void> {
    await this.#scene(sessionId);
    await this.#clients.reader.session(sessionId).setSceneReference(picture);
    this.#runs.changed(sessionId);
  }

  /** Makes what is missing or stale: the reference, then the cards. */
  async continue(sessionId: string, policy?: DownPolicy): Promise<void> {
    const stored = await this.#scene(sessionId);
    const scene = policy === undefined ? stored : { ...stored, policy };
    if (scene.policy !== stored.policy) await writeScene(join(this.#outputDir, sessionId), scene);
    this.#runs.start(sessionId, 'all', (signal) => this.#makeAll(sessionId, scene, signal));
  }

  stop(sessionId: string): Promise<void> {
    return this.#runs.stop(sessionId);
  }

  /**
   * Makes one image again: with another seed if it exists, or if an earlier submission may have been paid and `payAgain` is set;
   * otherwise as requested.
   */
  async retry(sessionId: string, assetId: string, payAgain: boolean): Promise<void> {
    const scene = await this.#scene(sessionId);
    const asset = (await this.view(sessionId)).assets.find(({ id }) => id === assetId);
    if (asset === undefined || asset.state === 'superseded' || asset.kind === 'image') {
      throw new HttpError(404, 'not-found', say('no-image'));
    }
    if (asset.imported) throw new HttpError(409, 'imported', say('imported'));
    if (asset.error?.outcome === 'unknown' && !payAgain) {
      throw new HttpError(409, 'may-pay-twice', say('may-pay-twice'));
    }
    const isUnknown = asset.error?.outcome === 'unknown';
    // If the image never existed, the session makes another version only for another seed.
    const version = isUnknown ? { seed: randomInt(1, largestSeed) } : asset.state === 'current' ? {} : undefined;
    this.#runs.start(sessionId, assetId, (signal) => this.#makeOne(sessionId, scene, assetId, version, signal));
  }

  /** Makes every image again on another backend: the named one, else the first usable one. Returns its name. */
  async restart(sessionId: string, backend: string | undefined): Promise<string> {
    await this.#scene(sessionId);
    const { lock } = await this.view(sessionId);
    const target = backend ?? firstUsable(await this.#clients.availability(), lock.backend);
    if (target === undefined) {
      throw new HttpError(409, 'no-backend-available', say('no-other-backend'));
    }
    await this.#runs.stop(sessionId);
    await this.#clients.reader.session(sessionId).relock({ backend: target, discardAssets: true });
    await this.continue(sessionId);
    return target;
  }

  async release(sessionId: string, discardAssets: boolean): Promise<void> {
    await this.#scene(sessionId);
    await this.#runs.stop(sessionId);
    await this.#clients.reader.session(sessionId).release({ discardAssets });
    this.#runs.changed(sessionId);
  }

  /** Finishes what an earlier server paid for. Sends nothing new. */
  async resume(signal: AbortSignal): Promise<void> {
    for await (const { sessionId } of this.#clients.reader.resume(undefined, { signal })) this.#runs.changed(sessionId);
  }

  async #makeAll(sessionId: string, scene: Scene, signal: AbortSignal): Promise<void> {
    const client = this.#clients.of(scene.policy);
    const reference = (await this.view(sessionId)).assets.find(({ kind }) => kind === 'scene-reference');
    if (reference?.imported !== true) {
      const result = await this.#makeReference(client, sessionId, scene, signal);
      // Cards need the reference to match its look.
      if (!result.success) return;
    }
    // Another tool has made some of the objects from several sides: these are continued too.
    const stored = await client.session(sessionId).assets;
    const viewsOf = (object: Scene['objects'][number]): CardView[] =>
      stored.flatMap(({ view, objectId, state }) =>
        objectId === object.id && state !== 'superseded' && view !== undefined ? [view] : [],
      );
    const byViews = Map.groupBy(scene.objects, (object) => viewsOf(object).join());
    await Promise.all(
      Array.from(byViews.values(), (objects) =>
        this.#makeCards(client, sessionId, scene, objects, ['front', ...viewsOf(objects[0]!)], signal),
      ),
    );
  }

  async #makeOne(
    sessionId: string,
    scene: Scene,
    assetId: string,
    version: { readonly seed?: number } | undefined,
    signal: AbortSignal,
  ): Promise<unknown> {
    const client = this.#clients.of(scene.policy);
    const session = client.session(sessionId);
    if (assetId === 'scene-reference') {
      return version === undefined
        ? this.#makeReference(client, sessionId, scene, signal)
        : session.regenerateSceneReference({ ...version, signal });
    }
    const [, objectId, view = 'front'] = assetId.split('/') as [string, string, CardView?];
    if (version !== undefined) return session.regenerate(objectId, { ...version, view, signal });
    const objects = scene.objects.filter(({ id }) => id === objectId);
    return this.#makeCards(client, sessionId, scene, objects, ['front', view], signal);
  }

  #makeReference(
    client: HybridClient,
    sessionId: string,
    scene: Scene,
    signal: AbortSignal,
  ): ReturnType<HybridClient['generateSceneReference']> {
    return client.generateSceneReference({ sessionId, sceneText: scene.text, ...this.#options(scene) }, { signal });
  }

  async #makeCards(
    client: HybridClient,
    sessionId: string,
    scene: Scene,
    objects: Scene['objects'],
    views: readonly CardView[],
    signal: AbortSignal,
  ): Promise<void> {
    if (objects.length === 0) return;
    const options = this.#options(scene);
    const cards = objects.map(({ id, name, description }) => ({ id, name, description, ...options }));
    await client.generateObjectCards({ sessionId, objects: cards, views }, { signal });
  }

  #options(scene: Scene): {
    readonly style?: string;
    readonly providerOptions?: Readonly<Record<string, ProviderOptions>>;
  } {
    return {
      ...(scene.style === '' ? {} : { style: scene.style }),
      ...(this.#providerOptions === undefined ? {} : { providerOptions: this.#providerOptions }),
    };
  }

  async #scene(sessionId: string): Promise<Scene> {
    return (await this.#find(sessionId)) ?? unknownSession();
  }

  #find(sessionId: string): Promise<Scene | undefined> {
    return readScene(join(this.#outputDir, sessionId));
  }
}

function unknownSession(): never {
  throw new HttpError(404, 'not-found', say('no-session'));
}
