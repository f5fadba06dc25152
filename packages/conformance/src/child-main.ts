import { randomUUID } from 'node:crypto';
import { createOwner, type PermitStore, type Store } from '@holodeck/core/stores';
import type { ChildCommand, ChildReply, ChildRequest, RemoteOpener } from './child-command.ts';
import { sampleRow } from './sample-row.ts';

/** The first argument of a process that is to be a `SuiteChild`; without it, importing this module does nothing. */
export const childMarker = 'holodeck-suite-child';

/** The program of a `SuiteChild`: it opens the store under test and does what the parent asks, until it is killed. */
export const childProgramUrl: string = import.meta.url;

const owner = createOwner();

async function openStore(): Promise<Store & PermitStore> {
  const opener = JSON.parse(process.argv[3] ?? '{}') as RemoteOpener;
  const exports = (await import(opener.module)) as Record<string, (argument: unknown) => Promise<Store & PermitStore>>;
  const open = exports[opener.open];
  if (open === undefined) throw new Error(`${opener.module} has no export ${opener.open}`);
  return open(opener.argument);
}

async function obey(store: Store & PermitStore, command: ChildCommand): Promise<unknown> {
  switch (command.type) {
    case 'register-owner':
      await store.registerOwner(owner);
      return owner.id;
    case 'begin':
      return begin(store, command.taskIds);
    case 'update':
      return update(store, command.taskId, command.times);
    case 'publish':
      return publish(store, command.sessionId, command.times);
    case 'append-events':
      return appendEvents(store, command.sessionId, command.times);
    case 'acquire':
      return store.tryAcquire({ ...command, owner: owner.id });
    case 'release':
      return store.release(command.lane, command.key);
    case 'reserve-rate':
      return reserveRate(store, command.lane, command.perSecond, command.times);
    case 'learn':
      return learn(store, command.lane, command.times);
    case 'acquire-waiting':
      return acquireWaiting(store, command);
    default:
      throw new Error(`Unknown command ${JSON.stringify(command satisfies never)}`);
  }
}

async function begin(store: Store, taskIds: readonly string[]): Promise<string[]> {
  const won: string[] = [];
  for (const taskId of taskIds) {
    if (await store.tasks.begin(sampleRow({ taskId, key: randomUUID(), owner: owner.id }))) won.push(taskId);
  }
  return won;
}

async function update(store: Store, taskId: string, times: number): Promise<number> {
  const id = sampleRow({ taskId });
  let failures = 0;
  for (let successes = 0; successes < times;) {
    const row = await store.tasks.get(id);
    if (row === undefined) throw new Error(`There is no row for ${taskId}`);
    const next = await store.tasks.update(id, row.revision, { acceptedAtMs: (row.acceptedAtMs ?? 0) + 1 });
    if (next === undefined) failures += 1;
    else successes += 1;
  }
  return failures;
}

async function publish(store: Store, sessionId: string, times: number): Promise<number> {
  for (let done = 0; done < times; done += 1) {
    await store.sessions.publish(sessionId, ({ session }) => {
      const count = Number(session.data['count'] ?? 0) + 1;
      return { session: { ...session, data: { count } }, events: [{ type: 'counted', data: { count } }] };
    });
  }
  return times;
}

async function appendEvents(store: Store, sessionId: string, times: number): Promise<number[]> {
  const sequences: number[] = [];
  for (let done = 0; done < times; done += 1) {
    sequences.push((await store.sessions.appendEvent(sessionId, 'noted', { done })).sequence);
  }
  return sequences;
}

async function reserveRate(store: PermitStore, lane: string, perSecond: number, times: number): Promise<number[][]> {
  const moments: number[][] = [];
  for (let done = 0; done < times; done += 1) {
    const before = Date.now();
    const waitMs = await store.reserveRate(lane, 'submit', perSecond);
    moments.push([before + waitMs, Date.now() + waitMs]);
  }
  return moments;
}

async function learn(store: PermitStore, lane: string, times: number): Promise<number> {
  let failures = 0;
  for (let successes = 0; successes < times;) {
    const record = (await store.snapshotLane(lane, 'auto')).record;
    const kept = await store.compareAndSetLearned({
      lane,
      about: 'auto',
      learned: String(Number(record?.learned ?? 0) + 1),
      revision: record?.revision ?? 0,
      phases: [],
      wake: false,
    });
    if (kept) successes += 1;
    else failures += 1;
  }
  return failures;
}

async function acquireWaiting(
  store: PermitStore,
  request: { readonly lane: string; readonly limit: number; readonly key: string },
): Promise<true> {
  while (!(await store.tryAcquire({ ...request, owner: owner.id }))) {
    await store.waitForRelease(request.lane, 10_000, new AbortController().signal);
  }
  return true;
}

function reply(message: ChildReply): void {
  process.send?.(message);
}

async function main(): Promise<void> {
  const store = await openStore();
  process.on('message', (request: ChildRequest) => {
    obey(store, request.command).then(
      (value) => reply({ id: request.id, value }),
      (error: unknown) => reply({ id: request.id, error: String(error) }),
    );
  });
  // The parent is gone, so nobody reads the answer.
  process.on('disconnect', () => process.exit(0));
  reply({ id: 0 });
}

if (process.argv[2] === childMarker) {
  main().catch((error: unknown) => reply({ id: 0, error: String(error) }));
}
