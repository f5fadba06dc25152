import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStoreForFolder } from '@holodeck/core/stores';
import type { TaskRow } from '@holodeck/core/stores';
import type { LedgerEntry } from '@holodeck/emulators';
import { startCli } from '../../support/run-cli.ts';
import type { CliEnd } from '../../support/run-cli.ts';
import type { KillService } from './kill-services.ts';

/** A batch, and the number of kills. */
export interface KillPlan {
  readonly rounds: number;
  readonly tasksPerRound: number;
  /** With `--resubmit-unknown`. */
  readonly resubmitUnknown: boolean;
}

/** The effects of the kills. A task is identified by its id, which is also in its prompt. */
export interface KillReport {
  readonly tasks: number;
  /** Runs that were killed; one that ended before its kill does not count. */
  readonly kills: number;
  /** Submissions that were on the wire when a run was killed, as its store shows. */
  readonly inFlight: number;
  /** Accepted submissions, by the service's ledger. */
  readonly accepted: number;
  readonly delivered: number;
  /** Tasks that are neither delivered nor failed with a reason nor listed as `unknown`. */
  readonly lost: readonly string[];
  readonly unknown: readonly string[];
  /** Unknown tasks that never reached the service: how many depends on the speed of the machine. */
  readonly neverLeft: readonly string[];
  /** Unknown tasks that no killed run was sending, as its store shows. */
  readonly unexplained: readonly string[];
  /** Unknown tasks that a last run, which may send them again, did not pay for exactly once more: what never left is paid for once in all. */
  readonly misaccounted: readonly string[];
  /** Tasks with two accepted submissions of which the first ended neither `failed` nor `lost`. */
  readonly paidTwice: readonly string[];
  /** Tasks whose answer was on disk at a kill, and that were asked for once more. */
  readonly askedAgain: readonly string[];
  /** Answers that were on disk at a kill, and not collected yet. */
  readonly spooled: number;
  /** Unknown tasks that `jobs` does not list. */
  readonly unlisted: readonly string[];
  readonly last: CliEnd;
}

interface Result {
  readonly taskId: string;
  readonly success: boolean;
  readonly error?: { readonly outcome: string };
}

/** Runs a batch, kills it with SIGKILL at random moments, and lets it finish. */
export async function killBatch(service: KillService, plan: KillPlan): Promise<KillReport> {
  const folder = await mkdtemp(join(tmpdir(), 'holodeck-kills-'));
  try {
    return await new KilledBatch(service, plan, folder).run();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

class KilledBatch {
  readonly #service: KillService;
  readonly #plan: KillPlan;
  readonly #folder: string;
  readonly #command: readonly string[];
  readonly #taskIds: readonly string[];
  /** Accepted submissions of a task when its answer was seen on disk. */
  readonly #spooled = new Map<string, number>();
  /** Tasks that a killed run was sending. */
  readonly #sending = new Set<string>();
  #inFlight = 0;
  #kills = 0;

  constructor(service: KillService, plan: KillPlan, folder: string) {
    this.#service = service;
    this.#plan = plan;
    this.#folder = folder;
    this.#taskIds = Array.from({ length: plan.rounds * plan.tasksPerRound }, (_, index) => `t${index + 1}`);
    const command = ['batch', 'tasks.jsonl', '--out', 'out', '--backend', service.backend, '--json'];
    this.#command = plan.resubmitUnknown ? [...command, '--resubmit-unknown'] : command;
  }

  async run(): Promise<KillReport> {
    const lines = this.#taskIds.map((taskId) =>
      JSON.stringify({ prompt: `任务 ${taskId}`, taskId, out: `${taskId}.png`, size: '1024x1024' }),
    );
    await writeFile(join(this.#folder, 'tasks.jsonl'), lines.join('\n'));
    for (let round = 0; round < this.#plan.rounds; round += 1) await this.#round();
    return this.#report(await this.#start().end);
  }

  #start(args: readonly string[] = this.#command): ReturnType<typeof startCli> {
    return startCli(args, this.#service.environment, this.#folder);
  }

  /** Killed at a random moment after the service has heard of the run, so that every step of a task is hit. */
  async #round(): Promise<void> {
    const { ledger } = this.#service;
    const before = ledger.submissions;
    const run = this.#start();
    while (ledger.submissions === before && run.process.exitCode === null) await sleep(2);
    await sleep(Math.random() * this.#service.longestMs);
    run.process.kill('SIGKILL');
    const { signal } = await run.end;
    if (signal !== 'SIGKILL') return;
    this.#kills += 1;
    await this.#look();
  }

  /** What the killed process left on disk. */
  async #look(): Promise<void> {
    const answers = new Set(await readdir(join(this.#folder, 'out', '.holodeck', 'spool')).catch(() => []));
    for (const { state, key, taskId, handle } of await this.#rows()) {
      // A small answer is stored in its row.
      if (answers.has(`${key}.answer`) || handle?.answer !== undefined)
        this.#spooled.set(taskId, this.#accepted(taskId).length);
      else if (state === 'submitting') {
        this.#inFlight += 1;
        this.#sending.add(taskId);
      }
    }
  }

  async #rows(): Promise<TaskRow[]> {
    const store = await openStoreForFolder(join(this.#folder, 'out'));
    try {
      return await Array.fromAsync(store.tasks.list({ states: ['submitting', 'accepted', 'ended', 'received'] }));
    } finally {
      await store.close();
    }
  }

  #accepted(taskId: string): readonly Readonly<LedgerEntry>[] {
    return this.#service.ledger.entries.filter(({ prompt }) => prompt === `任务 ${taskId}`);
  }

  async #report(last: CliEnd): Promise<KillReport> {
    const results = last.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Result);
    const failed = results.filter(({ success }) => !success);
    const unknown = failed.filter(({ error }) => error?.outcome === 'unknown').map(({ taskId }) => taskId);
    const accounted = new Set(failed.map(({ taskId }) => taskId));
    const files = new Set(await readdir(join(this.#folder, 'out')));
    const delivered = this.#taskIds.filter((taskId) => files.has(`${taskId}.png`));
    const jobs = await this.#start(['jobs', '--out', 'out', '--json']).end;
    const { accepted } = this.#service.ledger;
    const sent = new Map(unknown.map((taskId) => [taskId, this.#accepted(taskId).length]));
    const paidTwice = this.#taskIds.filter((taskId) =>
      this.#accepted(taskId)
        .slice(0, -1)
        .some((entry) => !isOver(entry)),
    );
    const askedAgain = [...this.#spooled].filter(([taskId, before]) => this.#accepted(taskId).length > before);
    if (unknown.length > 0) await this.#start([...this.#command, '--resubmit-unknown']).end;
    const filesAtLast = new Set(await readdir(join(this.#folder, 'out')));
    return {
      tasks: this.#taskIds.length,
      kills: this.#kills,
      inFlight: this.#inFlight,
      accepted,
      delivered: delivered.length,
      lost: this.#taskIds.filter((taskId) => !files.has(`${taskId}.png`) && !accounted.has(taskId)),
      unknown,
      neverLeft: unknown.filter((taskId) => sent.get(taskId) === 0),
      unexplained: unknown.filter((taskId) => !this.#sending.has(taskId)),
      misaccounted: unknown.filter(
        (taskId) => this.#accepted(taskId).length !== (sent.get(taskId) ?? 0) + 1 || !filesAtLast.has(`${taskId}.png`),
      ),
      paidTwice,
      askedAgain: askedAgain.map(([taskId]) => taskId),
      spooled: this.#spooled.size,
      unlisted: unknown.filter((taskId) => !jobs.stdout.includes(`"${taskId}"`)),
      last,
    };
  }
}

function isOver({ state }: Readonly<LedgerEntry>): boolean {
  return state === 'failed' || state === 'lost';
}
