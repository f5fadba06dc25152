import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { localCaller } from '@holodeck/gateway';
import type { JobService, SceneJobRequest, StartOptions } from '@holodeck/gateway';
import type { CardView, Session } from '@holodeck/hybrid';
import type { CreateSession, DemoConfig } from '../shared/demo-api.ts';
import { openingIds, samples } from '../shared/samples.ts';
import type { AvailabilityView, DownPolicy, SessionSummary, SessionView } from '../shared/session-view.ts';
import { viewBackends } from './backend-views.ts';
import { say } from './demo-messages.ts';
import { HttpError } from './http-error.ts';
import { listSessionFolders, newSessionId, readScene, sceneOf, writeScene } from './scene-file.ts';
import type { Scene } from './scene-file.ts';
import type { DemoServices } from './services.ts';
import { firstUsable, summarizeSession, viewSession } from './session-views.ts';

/** The actions of the page on sessions. Whatever makes images is a job of the service. */
export class DemoSessions {
  readonly #services: DemoServices;
  readonly #jobs: JobService;
  readonly #changes = new EventEmitter<{ session: [sessionId: string]; availability: [] }>().setMaxListeners(0);

  constructor(services: DemoServices, jobs: JobService) {
    this.#services = services;
    this.#jobs = jobs;
    jobs.onChange(({ request }) => this.changed(request.session ?? ''));
  }

  /** Notifies listeners of a session, or of everything (`""`). */
  changed(sessionId: string): void {
    this.#changes.emit('session', sessionId);
  }

  /** Calls back when a session, or a backend's status, changes. Returns a function that unsubscribes. */
  onChange(onSession: (sessionId: string) => void, onAvailability: () => void): () => void {
    this.#changes.on('session', onSession).on('availability', onAvailability);
    return () => this.#changes.off('session', onSession).off('availability', onAvailability);
  }

  /** Probes all backends for the first time and listens for changes. */
  async open(): Promise<void> {
    await this.#jobs.clients.sessions(localCaller).onAvailabilityChange(() => this.#changes.emit('availability'));
    await this.availability();
  }

  availability(fresh = false): Promise<readonly AvailabilityView[]> {
    return viewBackends(this.#jobs, this.#services, fresh);
  }

  session(sessionId: string): Session {
    return this.#jobs.clients.sessions(localCaller).session(sessionId);
  }

  /** @throws HttpError 404 */
  async view(sessionId: string): Promise<SessionView> {
    const scene = await this.#scene(sessionId);
    return viewSession(
      sessionId,
      scene,
      this.session(sessionId),
      await this.availability(),
      this.#isRunning(sessionId),
    );
  }

  /** The latest first. */
  async list(): Promise<readonly SessionSummary[]> {
    const locks = new Map(
      (await this.#jobs.clients.sessions(localCaller).sessions()).map((lock) => [lock.sessionId, lock]),
    );
    const summaries = await Promise.all(
      (await listSessionFolders(this.#jobs.outputDir)).map(async (id) => {
        const scene = await this.#find(id);
        if (scene === undefined) return [];
        const lock = locks.get(id);
        const stored = lock === undefined ? [] : await this.session(id).assets;
        return [summarizeSession(id, scene, lock, stored, this.#isRunning(id))];
      }),
    );
    return summaries.flat().sort((a, b) => b.createdAtMs - a.createdAtMs);
  }

  /** Absolute path of a session's folder. @throws HttpError 404 */
  async folder(sessionId: string): Promise<string> {
    await this.#scene(sessionId);
    return this.#folderOf(sessionId);
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
    await writeScene(this.#folderOf(sessionId), sceneOf(request, Date.now()));
    this.changed(sessionId);
    if (request.start !== false) await this.continue(sessionId);
    return sessionId;
  }

  /** Makes the user's picture the scene reference. */
  async setReference(sessionId: string, picture: Uint8Array): Promise<void> {
    await this.#scene(sessionId);
    await this.session(sessionId).setSceneReference(picture);
    this.changed(sessionId);
  }

  /** Makes what is missing or stale: the reference, then the cards. */
  async continue(sessionId: string, policy?: DownPolicy): Promise<void> {
    const stored = await this.#scene(sessionId);
    const scene = policy === undefined ? stored : { ...stored, policy };
    if (scene.policy !== stored.policy) await writeScene(this.#folderOf(sessionId), scene);
    const [reference] = (await this.view(sessionId)).assets;
    // Another tool may have made some of the objects from several sides: these are continued too.
    const made = await this.session(sessionId).assets;
    const objects = scene.objects.map((object) => {
      const views = made.flatMap(({ view, objectId, state }) =>
        objectId === object.id && state !== 'superseded' && view !== undefined ? [view] : [],
      );
      return views.length === 0 ? object : { ...object, views: ['front', ...views] as const };
    });
    await this.#make(sessionId, scene, reference?.imported === true ? { objects } : { text: scene.text, objects });
  }

  /** Ends the session's waits; resolves when none of its work is running. */
  async stop(sessionId: string): Promise<void> {
    await Promise.all(this.#jobs.runningForScene(sessionId).map((id) => this.#jobs.cancel(localCaller, id)));
  }

  /** Makes one image again if it exists, else as requested. `mayPayTwice` allows it if an earlier submission may have been paid. */
  async retry(sessionId: string, assetId: string, mayPayTwice: boolean): Promise<void> {
    const scene = await this.#scene(sessionId);
    const asset = (await this.view(sessionId)).assets.find(({ id }) => id === assetId);
    if (asset === undefined || asset.state === 'superseded' || asset.kind === 'image') {
      throw new HttpError(404, 'not-found', say('no-image'));
    }
    if (asset.imported) throw new HttpError(409, 'imported', say('imported'));
    const isUnknown = asset.error?.outcome === 'unknown';
    if (isUnknown && !mayPayTwice) throw new HttpError(409, 'may-pay-twice', say('may-pay-twice'));
    const [, objectId, view] = assetId.split('/') as [string, string?, CardView?];
    const objects = scene.objects
      .filter(({ id }) => id === objectId)
      .map((object) => (view === undefined ? object : { ...object, views: ['front', view] as const }));
    const missing = asset.kind === 'card' ? { objects } : { text: scene.text, objects };
    if (isUnknown) return this.#make(sessionId, scene, missing, { mayPayTwice: true });
    if (asset.state === 'current') return this.#make(sessionId, scene, { objects: [], again: { asset: assetId } });
    // A job of its own, because the one in which it failed may not have ended. It finds what another one makes meanwhile.
    await this.#make(sessionId, scene, missing, { idempotencyKey: randomUUID() });
  }

  /** Makes every image again on another backend: the named one, else the first usable one. Returns its name. */
  async restart(sessionId: string, backend: string | undefined): Promise<string> {
    await this.#scene(sessionId);
    const { lock } = await this.view(sessionId);
    const target = backend ?? firstUsable(await this.availability(), lock.backend);
    if (target === undefined) throw new HttpError(409, 'no-backend-available', say('no-other-backend'));
    await this.stop(sessionId);
    await this.session(sessionId).relock({ backend: target, discardAssets: true });
    await this.continue(sessionId);
    return target;
  }

  async release(sessionId: string, discardAssets: boolean): Promise<void> {
    await this.#scene(sessionId);
    await this.stop(sessionId);
    await this.session(sessionId).release({ discardAssets });
    this.changed(sessionId);
  }

  /** Starts a job, or an earlier one of the same request again. @throws HttpError 409 if it is already running. */
  async #make(
    sessionId: string,
    { style, policy }: Scene,
    what: Pick<SceneJobRequest, 'text' | 'objects' | 'again'>,
    options: StartOptions = {},
  ): Promise<void> {
    const { providerOptions } = this.#services;
    const running = this.#jobs.runningForScene(sessionId);
    const request: SceneJobRequest = {
      kind: 'scene',
      session: sessionId,
      policy,
      ...what,
      ...(style === '' ? {} : { style }),
      ...(providerOptions === undefined ? {} : { providerOptions }),
    };
    const { id } = await this.#jobs.startScene(localCaller, request, { again: true, ...options });
    if (running.includes(id)) throw new HttpError(409, 'running', say('running'));
  }

  #isRunning(sessionId: string): boolean {
    return this.#jobs.runningForScene(sessionId).length > 0;
  }

  #folderOf(sessionId: string): string {
    return join(this.#jobs.outputDir, sessionId);
  }

  async #scene(sessionId: string): Promise<Scene> {
    const scene = await this.#find(sessionId);
    if (scene === undefined) throw new HttpError(404, 'not-found', say('no-session'));
    return scene;
  }

  #find(sessionId: string): Promise<Scene | undefined> {
    return readScene(this.#folderOf(sessionId));
  }
}
