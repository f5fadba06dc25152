import type { ImageBackend } from '@holodeck/core';
import type { Clock } from '@holodeck/core/backend';
import type { PublishSection, SessionRecord, Store, TaskRow } from '@holodeck/core/stores';
import type { Scheduler } from 'fast-check';
import { setTimeout as delay } from 'node:timers/promises';
import { createHybridClient } from '../../src/index.ts';
import type { AssetResult, HybridClient, LockedBackendDownPolicy } from '../../src/index.ts';
import { FakeService, faults } from './fake-service.ts';

/** A service's behaviour from now on. */
export type Mode = 'up' | 'unreachable' | 'quota' | 'contentPolicy' | 'failed' | 'away' | 'unknown' | 'unknownTaken';

const never = new Promise<never>(() => {});

/** Far more steps than any run needs: a longer run is an endless loop. */
const maxSteps = 20_000;

/**
 * Several processes over one store and two services, whose every step waits for its turn in a random order. A killed
 * process stops between two steps for good; its owners count as dead.
 */
export class SimulatedWorld {
  readonly services: readonly [FakeService, FakeService] = [new FakeService('first'), new FakeService('second')];
  readonly violations: string[] = [];
  /** Owner by epoch, of every claim that was ever written. */
  readonly holders = new Map<number, string>();
  /** Epochs of choices that were locked. */
  readonly lockedChoices = new Set<number>();
  /** Claims by the epoch of their choice. */
  readonly claims = new Map<number, Set<number>>();
  readonly store: Store;
  readonly #outputDir: string;
  readonly #scheduler: Scheduler;
  readonly #processOfOwner = new Map<string, SimulatedProcess>();
  readonly #recent: string[] = [];
  /** Rejects if the run is an endless loop. */
  readonly stuck: PromiseWithResolvers<never> = Promise.withResolvers<never>();
  #timeOffset = 0;
  #steps = 0;

  constructor(outputDir: string, scheduler: Scheduler, store: Store) {
    this.store = store;
    this.#outputDir = outputDir;
    this.#scheduler = scheduler;
  }

  setMode(index: 0 | 1, mode: Mode): void {
    const service = this.services[index];
    service.status = mode === 'unreachable' ? 'down' : 'ready';
    service.onSubmit = (request) => {
      if (mode === 'unreachable' || mode === 'quota' || mode === 'contentPolicy' || mode === 'unknown')
        return faults[mode];
      if (mode !== 'unknownTaken') return undefined;
      service.jobs.push({ jobId: `untold-${service.jobs.length}`, key: 'untold', request });
      return faults.unknown;
    };
    service.onCollect = () => (mode === 'failed' || mode === 'away' ? faults[mode] : undefined);
  }

  /** A client as its own process; with `isScheduled` false, it runs freely. */
  start(policy: LockedBackendDownPolicy, isScheduled = true): SimulatedProcess {
    const process = new SimulatedProcess(this.#step(isScheduled));
    const backends = this.services.map((service) => process.backend(service.backend()));
    process.client = createHybridClient({
      backends,
      outputDir: this.#outputDir,
      store: process.store(
        this.store,
        (owner) => this.#processOfOwner.set(owner, process),
        (owner) => this.#processOfOwner.get(owner)?.isDead !== true,
        this,
      ),
      onLockedBackendDown: policy,
      waitMs: 5000,
      cards: false,
      report: false,
      client: {
        maxAttempts: 1,
        maxPaidAttempts: 1,
        retryBaseMs: 1,
        retryMaxMs: 5,
        timeoutMs: 600_000,
        resubmitUnknown: !isScheduled,
      },
      ...(isScheduled ? { internal: { clock: this.#clock(process), claimLeaseMs: 30_000 } } : {}),
    });
    return process;
  }

  /** Called with the state after every publish section and every change of a lock. */
  check({ session, assets }: PublishSection): void {
    this.#checkRecord(session);
    const current = assets.filter(({ state, data }) => state === 'current' && made(data) !== undefined);
    const looks = new Set(
      current.map(({ data }) => `${String(made(data)?.['backend'])} ${String(made(data)?.['fingerprint'])}`),
    );
    if (looks.size > 1) this.violations.push(`mixed looks: ${[...looks].join(' and ')}`);
    const [look] = looks;
    if (look !== undefined && session.state === 'locked' && look !== `${session.backend} ${session.fingerprint}`) {
      this.violations.push(`assets of ${look} in a session locked to ${session.backend}`);
    }
  }

  #checkRecord(session: SessionRecord): void {
    const choice = Number(session.data['choiceEpoch'] ?? session.epoch);
    if (session.state === 'locked') this.lockedChoices.add(choice);
    if (session.state !== 'claimed' || session.owner === undefined) return;
    this.claims.set(choice, (this.claims.get(choice) ?? new Set()).add(session.epoch));
    const holder = this.holders.get(session.epoch) ?? session.owner;
    this.holders.set(session.epoch, holder);
    if (holder !== session.owner) this.violations.push(`epoch ${session.epoch} has two holders`);
  }

  checkRecord(session: SessionRecord): void {
    this.#checkRecord(session);
  }

  async rows(): Promise<TaskRow[]> {
    const rows: TaskRow[] = [];
    for await (const row of this.store.tasks.list()) rows.push(row);
    return rows;
  }

  #step(isScheduled: boolean): (label: string) => Promise<void> {
    if (!isScheduled) return () => Promise.resolve();
    return async (label) => {
      this.#steps += 1;
      if (this.#steps > maxSteps) {
        this.stuck.reject(new Error(`No end after ${maxSteps} steps; the last ones were ${this.#recent.join(', ')}.`));
        await never;
      }
      this.#recent.push(label);
      if (this.#recent.length > 60) this.#recent.shift();
      await this.#scheduler.schedule(Promise.resolve(), label);
    };
  }

  #clock(process: SimulatedProcess): Clock {
    return {
      now: () => Date.now() + this.#timeOffset,
      monotonic: () => performance.now() + this.#timeOffset,
      sleep: async (ms, signal) => {
        signal?.throwIfAborted();
        // Files are real, so a loop that only waits must yield to the event loop between two steps.
        await delay(1);
        await process.step('sleep');
        signal?.throwIfAborted();
        this.#timeOffset += ms;
      },
    };
  }
}

function made(data: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  return data['made'] as Record<string, unknown> | undefined;
}

/** One client of the world. */
export class SimulatedProcess {
  client!: HybridClient;
  isDead = false;
  readonly #turn: (label: string) => Promise<void>;
  readonly #killed = Promise.withResolvers<undefined>();

  constructor(turn: (label: string) => Promise<void>) {
    this.#turn = turn;
  }

  /** Waits for this process's turn; never resolves once it is dead. */
  async step(label: string): Promise<void> {
    await this.#turn(label);
    if (this.isDead) await never;
  }

  kill(): void {
    this.isDead = true;
    this.#killed.resolve(undefined);
  }

  /** The result of a call, or undefined when the process was killed during it. */
  run(call: (client: HybridClient) => Promise<readonly AssetResult[]>): Promise<readonly AssetResult[] | undefined> {
    if (this.isDead) return Promise.resolve(undefined);
    return Promise.race([call(this.client), this.#killed.promise]);
  }

  backend(real: ImageBackend): ImageBackend {
    return {
      ...real,
      probe: (context) => this.#through('probe', () => real.probe(context)),
      submit: (request, context) => this.#through('submit', () => real.submit(request, context)),
      collect: (handle, context) => this.#through('collect', () => real.collect(handle, context)),
    };
  }

  store(
    real: Store,
    register: (owner: string) => void,
    isAlive: (owner: string) => boolean,
    world: SimulatedWorld,
  ): Store {
    const { tasks, sessions } = real;
    const through = <T>(label: string, work: () => Promise<T>): Promise<T> => this.#through(label, work);
    return {
      kind: real.kind,
      durable: true,
      location: real.location,
      registerOwner: (owner) => {
        register(owner.id);
        return Promise.resolve();
      },
      isOwnerAlive: (owner) => through('owner', () => Promise.resolve(isAlive(owner))),
      close: () => Promise.resolve(),
      tasks: {
        begin: (...args) => through('begin', () => tasks.begin(...args)),
        update: (...args) => through('update', () => tasks.update(...args)),
        get: (...args) => through('get', () => tasks.get(...args)),
        latest: (...args) => through('latest', () => tasks.latest(...args)),
        countPaid: (...args) => through('countPaid', () => tasks.countPaid(...args)),
        forget: (...args) => through('forget', () => tasks.forget(...args)),
        forgetDone: (...args) => through('forget', () => tasks.forgetDone(...args)),
        list: (filter) => this.#listed(tasks.list(filter)),
      },
      sessions: {
        get: (...args) => through('session', () => sessions.get(...args)),
        list: () => through('sessions', () => sessions.list()),
        assets: (...args) => through('assets', () => sessions.assets(...args)),
        events: (...args) => through('events', () => sessions.events(...args)),
        appendEvent: (...args) => through('event', () => sessions.appendEvent(...args)),
        compareAndSet: (...args) =>
          through('compareAndSet', async () => {
            const record = await sessions.compareAndSet(...args);
            if (record !== undefined) world.checkRecord(record);
            return record;
          }),
        publish: (...args) =>
          through('publish', async () => {
            const section = await sessions.publish(...args);
            world.check(section);
            return section;
          }),
      },
    };
  }

  async *#listed<T>(items: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    await this.step('list');
    yield* items;
  }

  /** A process may die before and after each step. */
  async #through<T>(label: string, work: () => Promise<T>): Promise<T> {
    await this.step(label);
    const result = await work().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    if (this.isDead) await never;
    if ('error' in result) throw result.error;
    return result.value;
  }
}
