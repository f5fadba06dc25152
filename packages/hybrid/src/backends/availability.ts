import { isSilent } from '@holodeck/core/backend';
import type { ImageError, ProbeReport } from '@holodeck/core';
import type { Clock } from '@holodeck/core/backend';
import { unlessAborted } from '../internal/unless-aborted.ts';
import type { BackendMember } from './backend-member.ts';
import { downReport } from './backend-member.ts';

/** Deadline of probes and lifetime of their reports, in milliseconds. */
export interface AvailabilityOptions {
  /** Deadline of one probe. Default 3000. */
  readonly probeTimeoutMs: number;
  /** How long a `ready` report is valid. Default 60 000. */
  readonly readyTtlMs: number;
  /** How long any other report is valid. Default 10 000. */
  readonly notReadyTtlMs: number;
}

/** The probes of all backends: in parallel, shared between callers, cached. */
export class Availability {
  readonly #members: readonly BackendMember[];
  readonly #options: AvailabilityOptions;
  readonly #clock: Clock;
  readonly #reports = new Map<BackendMember, { readonly report: ProbeReport; readonly validUntil: number }>();
  readonly #running = new Map<BackendMember, Promise<ProbeReport>>();
  readonly #listeners = new Set<(report: ProbeReport) => void>();

  constructor(members: readonly BackendMember[], options: AvailabilityOptions, clock: Clock) {
    this.#members = members;
    this.#options = options;
    this.#clock = clock;
  }

  /** One report per backend, in order of priority. */
  reports(options: { readonly fresh?: boolean } = {}): Promise<ProbeReport[]> {
    return Promise.all(this.#members.map((member) => this.report(member, options)));
  }

  /**
   * The report of one backend: the cached one while it is valid, else that of a probe shared by all callers. The signal ends only
   * this caller's wait.
   */
  async report(
    member: BackendMember,
    options: { readonly fresh?: boolean; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ProbeReport> {
    const cached = this.#reports.get(member);
    if (options.fresh !== true && cached !== undefined && this.#clock.monotonic() < cached.validUntil)
      return cached.report;
    let running = this.#running.get(member);
    if (running === undefined) {
      running = this.#probe(member);
      this.#running.set(member, running);
    }
    return unlessAborted(running, options.signal);
  }

  /** A fault in use counts as a report, so that other calls avoid the backend for a while. */
  noteFault(member: BackendMember, model: string, error: ImageError): void {
    this.#keep(member, downReport(member.name, model, error, this.#clock.now()));
  }

  /** Calls back when a backend's status changes. Returns a function that unsubscribes. */
  onChange(listener: (report: ProbeReport) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #probe(member: BackendMember): Promise<ProbeReport> {
    try {
      const report = await member.probe(this.#options.probeTimeoutMs, this.#clock.now);
      this.#keep(member, report);
      return report;
    } finally {
      this.#running.delete(member);
    }
  }

  #keep(member: BackendMember, report: ProbeReport): void {
    const before = this.#reports.get(member)?.report;
    const ttl = report.status === 'ready' ? this.#options.readyTtlMs : this.#options.notReadyTtlMs;
    this.#reports.set(member, { report, validUntil: this.#clock.monotonic() + ttl });
    if (before?.status === report.status) return;
    for (const listener of this.#listeners) listener(report);
  }
}

/**
 * The backends to try, in order: those that were reached or are unknown, then those whose probe timed out, since this machine may
 * be the slow one.
 */
export function inOrderOfTrial(
  members: readonly BackendMember[],
  reports: readonly ProbeReport[],
): readonly BackendMember[] {
  const rank = (report: ProbeReport | undefined): number => (report !== undefined && isSilent(report) ? 1 : 0);
  return members
    .map((member, index) => ({ member, report: reports[index] }))
    .filter(({ report }) => report?.status !== 'down')
    .toSorted((a, b) => rank(a.report) - rank(b.report))
    .map(({ member }) => member);
}
