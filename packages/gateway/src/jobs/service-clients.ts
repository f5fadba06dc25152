import { ImageClient, ImageError } from '@holodeck/core';
import type { ClientStats, GenerationResult, Money, PriceList, ProbeReport, ProviderOptions } from '@holodeck/core';
import { isSilent, sumAmounts } from '@holodeck/core/backend';
import type { PermitStore, Store } from '@holodeck/core/stores';
import { createHybridClient } from '@holodeck/hybrid';
import type { AssetResult, BackendDescriptor, CardJudge, HybridClient } from '@holodeck/hybrid';
import { priceListOf } from '@holodeck/hybrid/registry';
import { BudgetLedger } from '../keys/budget-ledger.ts';
import { judgeWithinBudget } from '../keys/judge-within-budget.ts';
import type { Caller } from '../keys/caller.ts';
import { say } from './gateway-messages.ts';

/** What all clients of a job service are made of. */
export interface ServiceParts {
  /** In order of priority. */
  readonly backends: readonly BackendDescriptor[];
  readonly outputDir: string;
  readonly store: Store;
  readonly permits: PermitStore;
  readonly prices?: PriceList;
  /** Of a look at a backend, in milliseconds. Default: the client's. */
  readonly probeTimeoutMs?: number;
  /** Looks at what cards of scenes show, within the budget of the scene's key. Default: nothing does. */
  readonly judge?: CardJudge;
  /** The provider options that make a backend send previews, by its name. Default: none. */
  readonly previewOptions?: Readonly<Record<string, ProviderOptions>>;
  /** The caller with a key; undefined if the key was revoked. */
  readonly callerOf: (key: string) => Caller | undefined;
}

type BackendClientOptions = NonNullable<BackendDescriptor['client']>;
type Submission = Parameters<NonNullable<BackendClientOptions['beforeSubmit']>>[0];

const taskScope = 'key/';
const sessionScope = (sessionId: string): string => `session/${sessionId}`;

/** The clients of a job service: they share the store, the permits and the budgets. */
export class ServiceClients {
  /** @internal */
  readonly ledger: BudgetLedger;
  readonly #parts: ServiceParts;
  /** Those of the backends, and the caller's over them. */
  readonly prices: PriceList;
  readonly #judge: CardJudge | undefined;
  readonly #images = new Map<string, Promise<ImageClient>>();
  readonly #sessions = new Map<string, HybridClient>();
  /** By key: their limits hold for jobs that go on after the key was revoked. */
  readonly #admitted = new Map<string, Caller>();
  /** What open tasks have reserved from their keys' budgets, by scope and task. */
  readonly #reserved = new Map<string, Money[]>();

  /** Keys take turns, with their images and scenes together. Without keys, sessions do. */
  readonly #keyOptions: Pick<BackendClientOptions, 'beforeSubmit' | 'turnOf'> = {
    beforeSubmit: (submission) => this.#reserve(submission),
    turnOf: (scope) => {
      const { key = '' } = this.#callerOf(scope) ?? {};
      return key === '' ? scope : this.scopeOf(key);
    },
  };

  constructor(parts: ServiceParts) {
    this.#parts = parts;
    this.prices = priceListOf(parts.backends, parts.prices);
    this.ledger = new BudgetLedger(parts.store);
    const { judge } = parts;
    this.#judge =
      judge &&
      judgeWithinBudget(judge, {
        ledger: this.ledger,
        prices: this.prices,
        callerOf: (sessionId) => this.#callerOf(sessionScope(sessionId)),
      });
  }

  get names(): readonly string[] {
    return this.#parts.backends.map(({ name }) => name);
  }

  /** What makes a backend send previews. */
  previewOptionsOf(backend: string): ProviderOptions {
    return this.#parts.previewOptions?.[backend] ?? {};
  }

  /** A job of this caller begins. */
  admit(caller: Caller): void {
    this.#admitted.set(caller.key, caller);
  }

  /** The scope of a key's image tasks. */
  scopeOf(key: string): string {
    return `${taskScope}${key}`;
  }

  /** Makes images on one backend; with `mayPayTwice` also those whose last submission may have been paid. */
  images(backend: string, mayPayTwice = false): Promise<ImageClient> {
    const name = JSON.stringify([mayPayTwice, backend]);
    const known = this.#images.get(name);
    if (known !== undefined) return known;
    const made = this.#makeImages(backend, mayPayTwice);
    this.#images.set(name, made);
    made.catch(() => this.#images.delete(name));
    return made;
  }

  /** Makes the images of sessions, on the backends that a caller may use; `mayPayTwice` as for `images`. */
  sessions({ backends: allowed }: Caller, mayPayTwice = false): HybridClient {
    const { backends, outputDir, store, permits, prices, probeTimeoutMs } = this.#parts;
    const usable = backends
      .filter(({ name }) => allowed?.includes(name) ?? true)
      .map((one) => (mayPayTwice ? { ...one, client: { ...one.client, resubmitUnknown: true } } : one));
    const name = JSON.stringify([mayPayTwice, usable.map((one) => one.name)]);
    const known = this.#sessions.get(name);
    if (known !== undefined) return known;
    const client = createHybridClient({
      backends: usable,
      outputDir,
      store,
      permits,
      client: this.#keyOptions,
      ...(prices === undefined ? {} : { prices }),
      ...(probeTimeoutMs === undefined ? {} : { probeTimeoutMs }),
      ...(this.#judge && { judge: this.#judge }),
    });
    this.#sessions.set(name, client);
    return client;
  }

  /** The backends that a caller may use, in order of priority, as their last probes found them. */
  availability(caller: Caller, options: { readonly fresh?: boolean } = {}): Promise<readonly ProbeReport[]> {
    return this.sessions(caller).availability(options);
  }

  /**
   * The first usable backend of a caller that is not in `tried`.
   * @throws {ImageError} kind `unavailable`, outcome `not-submitted`.
   */
  async choose(caller: Caller, tried: readonly string[]): Promise<string> {
    const reports = (await this.availability(caller)).filter(({ backend }) => !tried.includes(backend));
    const chosen = reports.find((report) => report.status !== 'down' && !isSilent(report)) ?? reports.find(isSilent);
    if (chosen !== undefined) return chosen.backend;
    const reasons = reports.map(({ backend, message }) => `${backend}: ${message}`).join(' ') || '-';
    throw new ImageError({
      kind: 'unavailable',
      outcome: 'not-submitted',
      retryable: true,
      ...say('none-available', { reasons }),
    });
  }

  /** Gives back what the reservations of an ended task did not cost. */
  async settle(caller: Caller, scope: string, taskId: string, result: GenerationResult | AssetResult): Promise<void> {
    const name = JSON.stringify([scope, taskId]);
    const reserved = this.#reserved.get(name);
    if (reserved === undefined) return;
    this.#reserved.delete(name);
    if (!result.success && result.error.outcome === 'unknown') return;
    const cost = 'cost' in result ? result.cost : undefined;
    for (const { amount, currency } of sumAmounts(reserved)) {
      const spent = cost?.currency === currency ? (cost.amount ?? amount) : 0;
      const isCharged = !result.success && ['failed', 'lost', 'accepted'].includes(result.error.outcome);
      if (!(isCharged && cost === undefined)) await this.ledger.giveBack(caller, { amount: amount - spent, currency });
    }
  }

  /** Gives back what the ended tasks of a session did not cost; each asset is a task of its own. */
  async settleSession(caller: Caller, sessionId: string, results: readonly AssetResult[]): Promise<void> {
    const scope = sessionScope(sessionId);
    const open = [...this.#reserved.keys()].map((name) => JSON.parse(name) as [string, string]);
    for (const [taskScopeName, taskId] of open) {
      const result = results.find(({ assetId }) => taskScopeName === scope && taskId.startsWith(`${assetId}@`));
      if (result !== undefined) await this.settle(caller, scope, taskId, result);
    }
  }

  /** Counts of the clients that have made images here; several may be of one backend. */
  async stats(): Promise<readonly ClientStats[]> {
    const images = await Promise.all(this.#images.values());
    const sessions = await Promise.all([...this.#sessions.values()].map((client) => client.stats()));
    return [...images.map((client) => client.stats()), ...sessions.flat()];
  }

  async close(): Promise<void> {
    const images = await Promise.allSettled(this.#images.values());
    await Promise.all([
      ...[...this.#sessions.values()].map((client) => client.close()),
      ...images.map((client) => (client.status === 'fulfilled' ? client.value.close() : undefined)),
    ]);
  }

  async #makeImages(name: string, resubmitUnknown: boolean): Promise<ImageClient> {
    const { backends, outputDir, store, permits } = this.#parts;
    const descriptor = backends.find((one) => one.name === name);
    if (descriptor === undefined) throw new TypeError(`There is no backend "${name}".`);
    return new ImageClient(await descriptor.load(), {
      ...descriptor.client,
      ...(resubmitUnknown ? { resubmitUnknown } : {}),
      outputDir,
      store,
      permits,
      prices: this.prices,
      confineToOutputDir: true,
      ...this.#keyOptions,
    });
  }

  /** Whose tasks are in a scope: images outside scenes, or the images of one session. */
  #callerOf(scope: string): Caller | undefined {
    const key = scope.startsWith(taskScope) ? scope.slice(taskScope.length) : /^session\/([^.]+)\./.exec(scope)?.[1];
    // A session of the caller without a key may have a dot in its name.
    const known = key === undefined ? undefined : (this.#parts.callerOf(key) ?? this.#admitted.get(key));
    return known ?? this.#parts.callerOf('');
  }

  async #reserve({ scope, taskId, backend, cost }: Submission): Promise<void> {
    const caller = this.#callerOf(scope);
    if (caller?.maxCost === undefined) return;
    await this.ledger.reserve(caller, backend, cost);
    if (cost === undefined || caller.free?.includes(backend) === true) return;
    const name = JSON.stringify([scope, taskId]);
    this.#reserved.set(name, [...(this.#reserved.get(name) ?? []), cost]);
  }
}
