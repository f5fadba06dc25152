import type { ClientStats, ImageBackend, ImageClient, ProbeReport } from '@holodeck/core';
import { ImageError } from '@holodeck/core';
import { probeReport } from '@holodeck/core/backend';
import { toImageError } from '../internal/errors.ts';
import { say } from '../lock/lock-messages.ts';
import type { BackendDescriptor } from './backend-descriptor.ts';

/** A backend with its driver. */
export interface LoadedBackend {
  readonly backend: ImageBackend;
  readonly client: ImageClient;
}

/** One configured backend: loaded on first use, once. */
export class BackendMember {
  readonly name: string;
  readonly #descriptor: BackendDescriptor;
  readonly #drive: (backend: ImageBackend, descriptor: BackendDescriptor) => Promise<ImageClient>;
  #loading: Promise<LoadedBackend> | undefined;

  constructor(
    descriptor: BackendDescriptor,
    drive: (backend: ImageBackend, descriptor: BackendDescriptor) => Promise<ImageClient>,
  ) {
    this.name = descriptor.name;
    this.#descriptor = descriptor;
    this.#drive = drive;
  }

  /**
   * The backend and its driver.
   *
   * @throws ImageError that says why it cannot be loaded.
   */
  load(): Promise<LoadedBackend> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<LoadedBackend> {
    try {
      const backend = await this.#descriptor.load();
      return { backend, client: await this.#drive(backend, this.#descriptor) };
    } catch (error) {
      const known = toImageError(error);
      throw ImageError.with(known, say('cannot-load', { backend: this.name, reason: known }));
    }
  }

  /** Probes the backend; a backend that cannot be loaded is down. Rejects only when aborted. */
  async probe(timeoutMs: number, now: () => number, signal?: AbortSignal): Promise<ProbeReport> {
    let loaded: LoadedBackend;
    try {
      loaded = await this.load();
    } catch (error) {
      return downReport(this.name, '', toImageError(error), now());
    }
    return loaded.client.probe({ timeoutMs, ...(signal === undefined ? {} : { signal }) });
  }

  /** Counts of its driver; undefined while it is not loaded. */
  async stats(): Promise<ClientStats | undefined> {
    return (await this.#loading?.catch(() => undefined))?.client.stats();
  }

  async close(options: { readonly drain?: boolean }): Promise<void> {
    const loaded = await this.#loading?.catch(() => undefined);
    await loaded?.client.close(options);
  }
}

/** A report that a backend is down, from its error. */
export function downReport(backend: string, model: string, error: ImageError, checkedAtMs: number): ProbeReport {
  return probeReport({
    backend,
    model,
    status: 'down',
    message: error,
    errorKind: error.kind,
    checkedAtMs,
    durationMs: 0,
  });
}
