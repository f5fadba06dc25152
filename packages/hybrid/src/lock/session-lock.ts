import type { ImageError, ProbeReport } from '@holodeck/core';
import type { Clock } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import type { SessionRecord, Store } from '@holodeck/core/stores';
import { sessionDataOf } from '../session/session-data.ts';
import { inOrderOfTrial } from '../backends/availability.ts';
import type { Availability } from '../backends/availability.ts';
import { decideLook, lockedLook } from '../backends/backend-look.ts';
import type { BackendLook } from '../backends/backend-look.ts';
import { downReport } from '../backends/backend-member.ts';
import type { BackendMember, LoadedBackend } from '../backends/backend-member.ts';
import { noBackendError, toImageError } from '../internal/errors.ts';
import type { SessionHub } from '../internal/session-hub.ts';
import { reasonOf } from '../session/session-events.ts';
import { say } from './lock-messages.ts';
import { isBackendDown, mayStillDeliver } from './lock-moves.ts';
import {
  claimRecord,
  describeDown,
  emptyRecord,
  freeRecord,
  grantParts,
  handedOnRecord,
  lockMismatch,
  restoreBefore,
  roundError,
} from './lock-records.ts';

/** The right to make images for a session, on one backend. */
export interface Grant {
  readonly sessionId: string;
  readonly epoch: number;
  /** Epoch in which the backend was chosen; what a finished image is checked against. */
  readonly choiceEpoch: number;
  readonly member: BackendMember;
  readonly loaded: LoadedBackend;
  readonly look: BackendLook;
  /** Whether this is the one job that decides whether the backend gets the session. */
  readonly pilot: boolean;
  /** Backends that failed before this one in the same round of claims. */
  readonly failures: readonly BackendFailure[];
}

/** A backend that could not take the session. */
export interface BackendFailure {
  readonly name: string;
  readonly error: ImageError;
}

/** What the lock works with. */
export interface SessionLockOptions {
  readonly store: Store;
  readonly members: readonly BackendMember[];
  readonly availability: Availability;
  readonly hub: SessionHub;
  readonly clock: Clock;
  readonly ownerId: string;
  /** How long a claim lasts without renewal, in milliseconds. */
  readonly claimLeaseMs: number;
  /** Finishes what the claim's previous owner began, before anything new is sent. */
  readonly settleOpenRows: (sessionId: string, loaded: LoadedBackend, signal: AbortSignal | undefined) => Promise<void>;
  /** Adds an event to the session's story; never throws. */
  readonly note: (sessionId: string, type: string, data: Readonly<Record<string, unknown>>) => Promise<void>;
}

/** First and longest interval for polling a claim that another process holds. */
const firstLookMs = 25;
const longestLookMs = 1000;

/** After a release this recent the job was just tried in vain, so it is not tried again at once. */
const freshlyTriedMs = 10_000;

/**
 * Gives each session one backend, across processes: `free` -> `claimed` (one pilot job, all others wait) ->
 * `locked`. Every transition is a compare-and-set on the session's record. Each choice of a backend and each change of owner
 * raises the epoch, so two holders never share one.
 */
export class SessionLock {
  readonly #options: SessionLockOptions;
  readonly #pilots = new Set<string>();
  /** The last round of claims in this process that ended without a backend, so that waiting callers share its error. */
  readonly #exhausted = new Map<string, { readonly count: number; readonly error: ImageError }>();

  constructor(options: SessionLockOptions) {
    this.#options = options;
  }

  /**
   * Waits until this caller may make an image for the session: as the pilot, or on the locked backend.
   *
   * @throws ImageError of kind `unavailable` and code `no-backend-available`, of kind `session` and code `lock-mismatch`;
   *   the signal's reason on abort.
   */
  async enter(sessionId: string, signal?: AbortSignal): Promise<Grant> {
    const { store, hub, clock } = this.#options;
    const seen = this.#exhausted.get(sessionId)?.count ?? 0;
    for (let lookMs = firstLookMs; ; lookMs = Math.min(lookMs * 2, longestLookMs)) {
      signal?.throwIfAborted();
      const record = await store.sessions.get(sessionId);
      if (record?.state === 'locked') return this.#follow(record);
      if (record?.state === 'claimed' && (this.#pilots.has(sessionId) || (await this.#isHeld(record, clock.now())))) {
        await hub.wait(sessionId, lookMs, signal);
        continue;
      }
      if (record?.state === 'claimed') {
        const grant = await this.#takeOver(record, signal);
        if (grant !== undefined) return grant;
        continue;
      }
      const exhausted = this.#exhausted.get(sessionId);
      if (exhausted !== undefined && exhausted.count > seen) throw exhausted.error;
      if (this.#pilots.has(sessionId)) {
        await hub.wait(sessionId, lookMs, signal);
        continue;
      }
      const grant = await this.#choose(record ?? emptyRecord(sessionId), signal);
      if (grant !== undefined) return grant;
    }
  }

  /** The backend of a locked session, if it is still configured as it was. */
  async #follow(record: SessionRecord): Promise<Grant> {
    const found = await this.#memberOf(record);
    if (found === undefined) throw await lockMismatch(record, this.#options.members);
    return { ...grantParts(record), ...found, pilot: false, failures: [] };
  }

  async #memberOf(record: SessionRecord): Promise<Pick<Grant, 'member' | 'loaded' | 'look'> | undefined> {
    for (const member of this.#options.members.filter(({ name }) => name === record.backend)) {
      const loaded = await member.load();
      const look = await lockedLook(loaded.backend, record);
      if (look !== undefined) return { member, loaded, look };
    }
    return undefined;
  }

  async #isHeld(record: SessionRecord, now: number): Promise<boolean> {
    const { store, ownerId } = this.#options;
    if (record.owner === undefined || record.owner === ownerId) return false;
    if (record.expiresAtMs === undefined || record.expiresAtMs <= now) return false;
    return store.isOwnerAlive(record.owner);
  }

  /** A claim whose owner is gone: the owner changes, the backend does not. */
  async #takeOver(record: SessionRecord, signal: AbortSignal | undefined): Promise<Grant | undefined> {
    const { sessionId } = record;
    const found = await this.#memberOf(record).catch(() => undefined);
    // A claim has no image to protect: if its backend is no longer configured, another is chosen.
    if (found === undefined) return this.#choose(record, signal);
    if (this.#pilots.has(sessionId)) return undefined;
    this.#pilots.add(sessionId);
    let kept = false;
    try {
      const epoch = record.epoch + 1;
      const claimed = await this.#write(record, {
        ...record,
        epoch,
        owner: this.#options.ownerId,
        expiresAtMs: this.#options.clock.now() + this.#options.claimLeaseMs,
      });
      if (claimed === undefined) return undefined;
      await this.#options.note(sessionId, 'claim', {
        backend: record.backend,
        epoch,
        ...reasonOf(say('taken-over')),
      });
      const triedAgoMs = this.#options.clock.now() - (record.expiresAtMs ?? 0);
      if (record.owner !== undefined || triedAgoMs > freshlyTriedMs)
        await this.#settle(sessionId, epoch, found.loaded, signal);
      const now = await this.#options.store.sessions.get(sessionId);
      if (now?.state === 'locked') return await this.#follow(now);
      if (now?.state !== 'claimed' || now.epoch !== epoch) return undefined;
      kept = true;
      return { ...grantParts(now), ...found, pilot: true, failures: [] };
    } finally {
      if (!kept) this.#leavePilot(sessionId);
    }
  }

  async #settle(
    sessionId: string,
    epoch: number,
    loaded: LoadedBackend,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const renewal = this.#renew(sessionId, epoch);
    try {
      await this.#options.settleOpenRows(sessionId, loaded, signal);
    } finally {
      renewal.stop();
    }
  }

  /** The first backend, in order of priority, that is not known to be down. */
  async #choose(record: SessionRecord, signal: AbortSignal | undefined): Promise<Grant | undefined> {
    const { sessionId } = record;
    if (this.#pilots.has(sessionId)) return undefined;
    this.#pilots.add(sessionId);
    let kept = false;
    try {
      const { preferred } = sessionDataOf(record);
      const candidates = this.#options.members.filter(({ name }) => preferred === undefined || name === preferred);
      const reports = await this.#probe(candidates, signal);
      await this.#options.note(sessionId, 'probe', { reports });
      const grant = await this.#claimFirst(record, candidates, reports, [], say('first-available'), signal);
      if (isReports(grant)) throw this.#exhaust(sessionId, noBackendError(describeDown(grant, preferred)));
      kept = grant !== undefined;
      return grant;
    } finally {
      if (!kept) this.#leavePilot(sessionId);
    }
  }

  #probe(candidates: readonly BackendMember[], signal: AbortSignal | undefined): Promise<readonly ProbeReport[]> {
    const { availability } = this.#options;
    return Promise.all(candidates.map((member) => availability.report(member, { signal })));
  }

  /** The grant of the first that can be claimed; the reports, with what was found out on the way, when none can. */
  async #claimFirst(
    record: SessionRecord,
    candidates: readonly BackendMember[],
    reports: readonly ProbeReport[],
    tried: readonly string[],
    reason: Message,
    signal: AbortSignal | undefined,
  ): Promise<Grant | readonly ProbeReport[] | undefined> {
    const down = new Map<string, ProbeReport>();
    for (const member of inOrderOfTrial(candidates, reports)) {
      if (tried.includes(member.name)) continue;
      const { ownerId, claimLeaseMs, clock } = this.#options;
      const loaded = await member.load().catch(() => undefined);
      if (loaded === undefined) continue;
      const look = await decideLook(loaded.backend, signal).catch((error: unknown) => toImageError(error));
      signal?.throwIfAborted();
      if (look instanceof Error) {
        down.set(member.name, downReport(member.name, loaded.backend.model, look, clock.now()));
        continue;
      }
      const next = claimRecord(record, look, {
        ownerId,
        now: clock.now(),
        claimLeaseMs,
        reason,
        reports,
        tried,
      });
      const claimed = await this.#write(record, next);
      if (claimed === undefined) return undefined;
      await this.#options.note(record.sessionId, 'claim', {
        backend: member.name,
        model: look.model,
        epoch: next.epoch,
        ...reasonOf(reason),
      });
      return { ...grantParts(claimed), member, loaded, look, pilot: true, failures: [] };
    }
    return reports.map((report) => down.get(report.backend) ?? report);
  }

  get claimLeaseMs(): number {
    return this.#options.claimLeaseMs;
  }

  /**
   * Runs the step by which this process becomes a session's pilot from outside `enter`; `step` resolves with whether it did. Does
   * nothing while another pilot of this process is running.
   */
  async asPilot(sessionId: string, step: () => Promise<boolean>): Promise<void> {
    if (this.#pilots.has(sessionId)) return;
    this.#pilots.add(sessionId);
    let isPilot = false;
    try {
      isPilot = await step();
    } finally {
      if (!isPilot) this.#leavePilot(sessionId);
    }
  }

  /** Keeps the claim from expiring while its pilot runs. */
  keepClaim(grant: Grant): { stop(): void } {
    return this.#renew(grant.sessionId, grant.epoch);
  }

  #renew(sessionId: string, epoch: number): { stop(): void } {
    const stopped = new AbortController();
    void this.#renewUntil(sessionId, epoch, stopped.signal);
    return { stop: () => stopped.abort() };
  }

  async #renewUntil(sessionId: string, epoch: number, signal: AbortSignal): Promise<void> {
    const { clock, claimLeaseMs, store, ownerId } = this.#options;
    while (!signal.aborted) {
      try {
        await clock.sleep(claimLeaseMs / 3, signal);
        const record = await store.sessions.get(sessionId);
        if (record?.state !== 'claimed' || record.epoch !== epoch || record.owner !== ownerId) return;
        await this.#write(record, { ...record, expiresAtMs: clock.now() + claimLeaseMs });
      } catch {
        // Aborted, or the store is briefly unavailable: the next round tries again while the lease lasts.
      }
    }
  }

  /** Call this once the pilot's image is stored or the claim has ended elsewhere. */
  pilotDone(grant: Grant): void {
    this.#leavePilot(grant.sessionId);
  }

  /**
   * The pilot has failed. Moves the claim to the next backend and returns the new grant. Otherwise ends the claim: the backend
   * keeps it if a job may still deliver, else the session becomes free. Returns undefined if the caller has nothing more to do.
   */
  async pilotFailed(grant: Grant, error: ImageError, signal?: AbortSignal): Promise<Grant | undefined> {
    const { sessionId } = grant;
    let kept = false;
    try {
      for (;;) {
        const record = await this.#options.store.sessions.get(sessionId);
        const { ownerId } = this.#options;
        if (record?.state !== 'claimed' || record.epoch !== grant.epoch || record.owner !== ownerId) return undefined;
        if (!isBackendDown(error)) {
          const ended = mayStillDeliver(error)
            ? (await this.#write(record, handedOnRecord(record, this.#options.clock.now()))) !== undefined
            : await this.#endRound(record);
          if (ended) return undefined;
          continue;
        }
        const next = await this.#moveOn(record, grant, error, signal);
        if (next === undefined) continue;
        if (next !== 'none') {
          kept = true;
          return next;
        }
        const freed = await this.#endRound(record);
        if (freed) throw this.#exhaust(sessionId, roundError([...grant.failures, { name: grant.member.name, error }]));
      }
    } finally {
      if (!kept) this.#leavePilot(sessionId);
    }
  }

  async #moveOn(
    record: SessionRecord,
    grant: Grant,
    error: ImageError,
    signal: AbortSignal | undefined,
  ): Promise<Grant | 'none' | undefined> {
    const { availability, members } = this.#options;
    availability.noteFault(grant.member, grant.look.model, error);
    const { preferred, tried = [] } = sessionDataOf(record);
    const nowTried = [...tried, grant.member.name];
    const candidates = members.filter(
      ({ name }) => !nowTried.includes(name) && (preferred === undefined || name === preferred),
    );
    const reports = await this.#probe(candidates, signal).catch(async (fault: unknown) => {
      await this.#endRound(record);
      throw fault;
    });
    const reason = say('not-usable', { backend: grant.member.name, kind: error.kind, reason: error });
    const next = await this.#claimFirst(record, candidates, reports, nowTried, reason, signal);
    if (isReports(next)) return 'none';
    return next === undefined ? next : { ...next, failures: [...grant.failures, { name: grant.member.name, error }] };
  }

  /** No backend is left: the session becomes free, or returns to its state before a restart. */
  async #endRound(record: SessionRecord): Promise<boolean> {
    const { before } = sessionDataOf(record);
    if (before === undefined) return (await this.#write(record, freeRecord(record))) !== undefined;
    await this.#options.store.sessions.publish(record.sessionId, ({ session, assets }) =>
      session.revision === record.revision ? restoreBefore(session, assets, this.#options.clock.now()) : {},
    );
    const now = await this.#options.store.sessions.get(record.sessionId);
    return now !== undefined && now.epoch !== record.epoch;
  }

  #exhaust(sessionId: string, error: ImageError): ImageError {
    this.#exhausted.set(sessionId, { count: (this.#exhausted.get(sessionId)?.count ?? 0) + 1, error });
    return error;
  }

  #leavePilot(sessionId: string): void {
    this.#pilots.delete(sessionId);
    this.#options.hub.notify(sessionId);
  }

  #write(record: SessionRecord, next: Omit<SessionRecord, 'revision'>): Promise<SessionRecord | undefined> {
    return this.#options.store.sessions.compareAndSet(record.revision, next);
  }
}

function isReports(grant: Grant | readonly ProbeReport[] | undefined): grant is readonly ProbeReport[] {
  return Array.isArray(grant);
}
