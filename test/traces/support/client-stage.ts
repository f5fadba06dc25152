import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { ImageClient } from '@holodeck/core';
import { openStoreForFolder } from '@holodeck/core/stores';
import type { GenerationResult, GenerationTask, ImageClientOptions, TaskEvent } from '@holodeck/core';

import { EventClock } from '../../faults/support/event-clock.ts';
import { filesOf, lineOfResult, linesOfLedger, recordEvent, recordRows, section, Steps } from './record.ts';
import { startService } from './services.ts';
import type { ServiceName, TracedService } from './services.ts';

/** One run of a client over its folder: what a process does from its start to its end. */
export interface ClientRun {
  /** Default: one lamp. */
  readonly tasks?: readonly GenerationTask[];
  readonly options?: ImageClientOptions;
  readonly signal?: AbortSignal;
  /** Called once, when a task reaches this state. */
  readonly at?: readonly [state: (TaskEvent & { readonly type: 'state' })['state'], act: () => void];
}

/** The smallest pictures of each service: no trace shows their size. */
const sizes: Readonly<Record<ServiceName, string>> = { hunyuan: '512x512', openai: '1024x1024', comfyui: '64x64' };

/** A task, named so that its rows can be distinguished. */
export function task(taskId: string, more: Partial<GenerationTask> = {}): GenerationTask {
  return { taskId, prompt: `a brass ${taskId}`, outputPath: `${taskId}.png`, ...more };
}

/** The stage of a driver scenario: a service, a clock without waits, a folder, and the trace. */
export class ClientStage {
  readonly clock: EventClock = new EventClock();
  readonly service: TracedService;
  readonly folder: string;
  #trace = '';
  #isOver = false;

  private constructor(service: TracedService, folder: string) {
    this.service = service;
    this.folder = folder;
  }

  /** Plays a scenario from the beginning to the end and gives its trace. */
  static async play(name: ServiceName, scenario: (stage: ClientStage) => Promise<void>): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'holodeck-trace-'));
    const stage = new ClientStage(await startService(name), folder);
    try {
      await scenario(stage);
      return stage.#trace;
    } finally {
      stage.#isOver = true;
      await stage.service.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }

  async run({ tasks = [task('lamp')], options, signal, at }: ClientRun = {}): Promise<void> {
    const sized = tasks.map((one) => ({ size: sizes[this.service.name], ...one }));
    let isDue = true;
    const onEvent = (event: TaskEvent): void => {
      if (!isDue || event.type !== 'state' || event.state !== at?.[0]) return;
      isDue = false;
      at[1]();
    };
    await this.#record('run', options, async (client, onProgress) =>
      client.generateBatch(sized, {
        ...(signal === undefined ? {} : { signal }),
        onProgress: (event) => {
          onProgress(event);
          onEvent(event);
        },
      }),
    );
  }

  async resume(options?: ImageClientOptions): Promise<void> {
    await this.#record('resume', options, async (client) => Array.fromAsync(client.resume()));
  }

  /** Calls back when a fault of this kind has occurred. */
  async whenStruck(kind: string, act: () => void): Promise<void> {
    while ((this.service.ledger.faults[kind] ?? 0) === 0) {
      if (this.#isOver) return;
      await delay(1);
    }
    act();
  }

  async #record(
    title: string,
    options: ImageClientOptions | undefined,
    work: (client: ImageClient, onProgress: (event: TaskEvent) => void) => Promise<readonly GenerationResult[]>,
  ): Promise<void> {
    const [events, rows] = [new Steps(), new Steps()];
    const { clock, folder, service } = this;
    const store = await openStoreForFolder(folder);
    const client = new ImageClient(service.createBackend(clock), {
      outputDir: folder,
      store: recordRows(store, rows),
      internal: { clock },
      ...options,
    });
    let results: readonly GenerationResult[];
    try {
      results = await work(client, (event) => recordEvent(events, event));
    } finally {
      await client.close();
      await store.close();
    }
    this.#trace += [
      section(title, results.length === 0 ? ['nothing'] : results.map(lineOfResult).sort()),
      section('events', events.lines()),
      section('rows', rows.lines()),
      section('service', linesOfLedger(service.ledger)),
      section('files', await filesOf(folder)),
      '\n',
    ].join('');
  }
}
