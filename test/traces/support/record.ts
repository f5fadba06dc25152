import { readdir } from 'node:fs/promises';

import type { GenerationResult, ImageError, ImageWarning, TaskEvent } from '@holodeck/core';
import type { Store, TaskRowId, TaskState } from '@holodeck/core/stores';
import type { Ledger } from '@holodeck/emulators';

/**
 * Steps by owner: the steps of one task have an order, those of two parallel tasks have none. Repeated steps are left out, because
 * the number of polls depends on speed.
 */
export class Steps {
  readonly #byName = new Map<string, string[]>();

  add(name: string, step: string): void {
    const steps = this.#byName.get(name) ?? [];
    if (steps.at(-1) !== step) this.#byName.set(name, [...steps, step]);
  }

  lines(): readonly string[] {
    return [...this.#byName].map(([name, steps]) => `${name}: ${steps.join(', ')}`).sort();
  }
}

/** The driver's events, without those that depend on speed. */
export function recordEvent(steps: Steps, event: TaskEvent): void {
  if (event.type === 'state') steps.add(event.taskId, `${event.state} ${event.attempt}`);
  if (event.type === 'settled') steps.add(event.taskId, 'settled');
}

/** The store, which records every state of every row. */
export function recordRows(store: Store, steps: Steps): Store {
  const names = new Map<string, string>();
  const tell = ({ scope, taskId, requestHash, attempt }: TaskRowId, state: TaskState) => {
    const key = JSON.stringify([scope, taskId, requestHash, attempt]);
    const name = `${scope}/${taskId} #${attempt}`;
    // Another request with the same name has its own rows.
    const others = [...names].filter(([other, known]) => other !== key && known.startsWith(name)).length;
    if (!names.has(key)) names.set(key, others === 0 ? name : `${name} (request ${others + 1})`);
    steps.add(names.get(key) ?? name, state);
  };
  const tasks: Pick<Store['tasks'], 'begin' | 'update'> = {
    async begin(row, options) {
      const isNew = await store.tasks.begin(row, options);
      if (isNew) tell(row, row.state);
      return isNew;
    },
    async update(id, revision, patch, options) {
      const version = await store.tasks.update(id, revision, patch, options);
      const state = patch.state ?? (await store.tasks.get(id))?.state;
      if (version !== undefined && state !== undefined) tell(id, state);
      return version;
    },
  };
  return overlay(store, { tasks: overlay(store.tasks, tasks) });
}

/** An object with some members replaced; all others work as before. */
function overlay<T extends object>(target: T, members: Partial<T>): T {
  return new Proxy(target, {
    get(_target, name) {
      const member: unknown = Reflect.get(name in members ? members : target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

export function lineOfResult(result: GenerationResult): string {
  const { taskId, attempts, paidAttempts, warnings } = result;
  const end = result.success
    ? `${result.source}, ${countOf(result.images.length, 'image')}`
    : lineOfError(result.error);
  return `${taskId} -> ${end}; attempts ${attempts}, paid ${paidAttempts}${lineOfWarnings(warnings)}`;
}

export function lineOfError({ kind, outcome, code }: ImageError): string {
  return `${kind}:${outcome}${code === undefined ? '' : ` (${code})`}`;
}

export function lineOfWarnings(warnings: readonly ImageWarning[]): string {
  const codes = warnings.map(({ code, feature }) => (feature === undefined ? code : `${code} ${feature}`));
  return codes.length === 0 ? '' : `; warnings ${codes.sort().join(', ')}`;
}

/** What the provider would bill, without what depends on speed. */
export function linesOfLedger({
  submissions,
  accepted,
  billed,
  delivered,
  refusals,
  entries,
}: Ledger): readonly string[] {
  const kinds = new Map<string, number>();
  for (const { state, billed: price } of entries) {
    // The progress of a running job depends on speed.
    const kind = `${state === 'accepted' || state === 'succeeded' ? 'taken' : state}, billed ${price}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const prompts = new Set(entries.map(({ prompt }) => prompt)).size;
  return [
    `submissions ${submissions}, refusals ${refusals}, accepted ${accepted}, billed ${billed}, delivered ${delivered}`,
    ...(entries.length === 0 ? [] : [countOf(prompts, 'prompt')]),
    ...[...kinds].map(([kind, count]) => `${countOf(count, 'job')} ${kind}`).sort(),
  ];
}

/** Names of all files of a folder but those of its store. Hashes in them are left out. */
export async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.replaceAll('\\', '/').slice(folder.length + 1))
    .filter((file) => !file.startsWith('.holodeck/'))
    .map((file) => file.replace(/-[0-9a-f]{12}(?=\.)/, '-*'))
    .sort();
}

/** A part of a trace; empty parts are left out. */
export function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${[title, ...lines.map((line) => `  ${line}`)].join('\n')}\n`;
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
