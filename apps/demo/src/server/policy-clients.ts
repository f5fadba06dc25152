import { estimateSubmission, findPrice } from '@holodeck/core/backend';
import { createHybridClient } from '@holodeck/hybrid';
import type { HybridClient } from '@holodeck/hybrid';
import { priceListOf } from '@holodeck/hybrid/registry';
import type { AvailabilityView, DownPolicy } from '../shared/session-view.ts';
import type { DemoServices } from './services.ts';
import { sentenceTexts } from './texts.ts';

const policies: readonly DownPolicy[] = ['fail', 'wait', 'restart'];

/**
 * A client for each policy, with the same services, permits and output folder, because each session chooses its policy and a client has
 * only one.
 */
export class PolicyClients {
  readonly #clients: ReadonlyMap<DownPolicy, HybridClient>;
  readonly #services: DemoServices;
  readonly #listeners = new Set<() => void>();

  constructor(services: DemoServices, outputDir: string) {
    const { backends, permits, probeTimeoutMs } = services;
    const looks = probeTimeoutMs === undefined ? {} : { probeTimeoutMs };
    this.#services = services;
    this.#clients = new Map(
      policies.map((policy) => [
        policy,
        createHybridClient({ backends, permits, outputDir, onLockedBackendDown: policy, ...looks }),
      ]),
    );
  }

  /** The client for reading, where the policy does not matter. */
  get reader(): HybridClient {
    return this.of('fail');
  }

  of(policy: DownPolicy): HybridClient {
    const client = this.#clients.get(policy);
    if (client === undefined) throw new TypeError(`There is no policy "${policy}".`);
    return client;
  }

  /** The status of all backends; with `fresh`, every client probes again. */
  async availability(fresh = false): Promise<readonly AvailabilityView[]> {
    const [own = []] = await Promise.all([...this.#clients.values()].map((client) => client.availability({ fresh })));
    const looked = own.map(({ backend, model, status, message, remedy, doesNotProve, sentences, checkedAtMs }) => ({
      backend,
      model,
      status,
      message: sentenceTexts(message, sentences),
      doesNotProve: doesNotProve.map((sentence) => sentenceTexts(sentence, sentences)),
      checkedAtMs,
      ...(remedy === undefined ? {} : { remedy: sentenceTexts(remedy, sentences) }),
      ...this.#priceOf(backend, model),
    }));
    const absent = this.#services.absent.map(({ name, message }): AvailabilityView => ({
      backend: name,
      model: '',
      status: 'not-configured',
      message,
      doesNotProve: [],
      checkedAtMs: 0,
    }));
    return [...looked, ...absent];
  }

  /** Calls back when a backend's status changes. Returns a function that unsubscribes. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Probes all backends for the first time and starts listening for changes. */
  async open(): Promise<void> {
    const tell = (): void => {
      for (const listener of this.#listeners) listener();
    };
    await Promise.all([...this.#clients.values()].map((client) => client.onAvailabilityChange(tell)));
    await this.availability();
  }

  #priceOf(backend: string, model: string): Pick<AvailabilityView, 'price'> {
    const price = findPrice(backend, model, priceListOf(this.#services.backends));
    if (price === undefined) return {};
    const providerOptions = this.#services.providerOptions?.[backend] ?? {};
    return { price: { perImage: estimateSubmission(price, { providerOptions }), currency: price.currency } };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }
}
