import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openStoreForFolder } from '@holodeck/core/stores';
import type { Store } from '@holodeck/core/stores';
import { createHybridClient } from '@holodeck/hybrid';
import type { AssetResult, HybridCallOptions, HybridClient, HybridOptions, SessionEvent } from '@holodeck/hybrid';

import { EventClock } from '../../faults/support/event-clock.ts';
import {
  filesOf,
  lineOfError,
  lineOfWarnings,
  linesOfLedger,
  recordEvent,
  recordRows,
  section,
  Steps,
} from './record.ts';
import { serviceNames, startService } from './services.ts';
import type { ServiceName, TracedService } from './services.ts';

/** One visit of a client to its folder: what a process does from its start to its end. */
export interface Visit {
  /** In order of priority. Default: Hunyuan, then OpenAI. */
  readonly backends?: readonly ServiceName[];
  readonly options?: Partial<HybridOptions>;
  /** OpenAI's model, if not the default. */
  readonly model?: string;
}

/** The results of a visit, by the name of the asset if it has one. */
export type VisitEnd = AssetResult | readonly AssetResult[] | string;

/** The session of all scenarios. */
export const sessionId = 'noodle-bar';

/** Long deadlines for a busy machine, but few tries, because a session moves on when its backend gives up. */
const client = { maxAttempts: 1, maxPaidAttempts: 1, retryBaseMs: 1, retryMaxMs: 10, timeoutMs: 600_000 };

/** The stage of a session scenario: all services, a folder, and the trace. */
export class HybridStage {
  readonly services: Readonly<Record<ServiceName, TracedService>>;
  readonly folder: string;
  #trace = '';

  private constructor(services: Readonly<Record<ServiceName, TracedService>>, folder: string) {
    this.services = services;
    this.folder = folder;
  }

  /** Plays a scenario from the beginning to the end and gives its trace. */
  static async play(scenario: (stage: HybridStage) => Promise<void>): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'holodeck-trace-'));
    const [hunyuan, openai, comfyui] = await Promise.all([
      startService('hunyuan'),
      startService('openai'),
      startService('comfyui'),
    ]);
    const stage = new HybridStage({ hunyuan, openai, comfyui }, folder);
    try {
      await scenario(stage);
      return stage.#trace;
    } finally {
      await Promise.all([hunyuan.stop(), openai.stop(), comfyui.stop()]);
      await rm(folder, { recursive: true, force: true });
    }
  }

  async visit(
    work: (client: HybridClient, call: HybridCallOptions) => Promise<readonly VisitEnd[]>,
    { backends = ['hunyuan', 'openai'], options, model }: Visit = {},
  ): Promise<void> {
    const [events, rows] = [new Steps(), new Steps()];
    const store = await openStoreForFolder(this.folder);
    const hybrid = createHybridClient({
      backends: backends.map((name) => this.services[name].createBackend(new EventClock(), model)),
      outputDir: this.folder,
      store: recordRows(store, rows),
      client,
      probeTimeoutMs: 600_000,
      cards: { side: 512 },
      report: false,
      ...options,
    });
    const call: HybridCallOptions = { onProgress: ({ event }) => recordEvent(events, event) };
    let ends: readonly VisitEnd[];
    try {
      ends = await work(hybrid, call);
    } finally {
      await hybrid.close();
    }
    this.#trace += [
      section('visit', ends.flat().map(lineOfEnd)),
      section('events', events.lines()),
      section('rows', rows.lines()),
      section('session', await linesOfSession(store)),
      ...serviceNames.map((name) =>
        this.services[name].ledger.submissions === 0 ? '' : section(name, linesOfLedger(this.services[name].ledger)),
      ),
      section('files', await filesOf(this.folder)),
      '\n',
    ].join('');
    await store.close();
  }
}

function lineOfEnd(end: AssetResult | string): string {
  if (typeof end === 'string') return end;
  const { assetId, backend = 'no backend', warnings } = end;
  if (!end.success) return `${assetId} -> ${lineOfError(end.error)} on ${backend}${lineOfWarnings(warnings)}`;
  const { source, epoch, attempts, gate, cost } = end;
  const verdict = gate === null ? '' : `, gate ${gate.status}`;
  const figures = `epoch ${epoch}, attempts ${attempts}, paid ${cost.paidSubmissions}${verdict}`;
  return `${assetId} -> ${source} by ${backend}; ${figures}${lineOfWarnings(warnings)}`;
}

/** The stored lock, assets and story. */
async function linesOfSession({ sessions }: Store): Promise<readonly string[]> {
  const record = await sessions.get(sessionId);
  if (record === undefined) return [];
  const { state, epoch, backend } = record;
  const assets = await sessions.assets(sessionId);
  const story = new Steps();
  for (const event of await sessions.events(sessionId)) {
    if (!['progress', 'preview'].includes(event.type)) story.add(`story of ${assetOf(event)}`, event.type);
  }
  return [
    `${state} ${backend ?? 'by nobody'}, epoch ${epoch}`,
    ...assets.map(({ assetId, epoch, state }) => `${assetId} ${state}, epoch ${epoch}`).sort(),
    ...story.lines(),
  ];
}

function assetOf({ data }: SessionEvent): string {
  return typeof data['assetId'] === 'string' ? data['assetId'] : 'the session';
}
