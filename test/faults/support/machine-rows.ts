import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '@holodeck/core/stores';
import type { Store } from '@holodeck/core/stores';
import type { FaultRow, Play, World } from './fault-row.ts';
import { serviceNames } from './services.ts';

const group = 'This machine' as const;

/** One play for every service. */
function everywhere(play: Play): FaultRow['plays'] {
  return Object.fromEntries(serviceNames.map((name) => [name, play])) as FaultRow['plays'];
}

/** Nothing was sent, and the same command makes the image once the fault is repaired. */
const beforeTheWire = { ends: 'storage:not-submitted - 0/0', again: 'image done 1/1' };

/** An image for which the space that is kept for records is too small. */
const largeImageBytes = 2_500_000;

const freeDisk = ({ disk }: World): void => disk?.free();

const storeFile = ({ folder }: World): string => join(folder, '.holodeck', 'store.sqlite');

/** Another program that holds the store's file, and the store with a short patience. */
class Lock {
  #store: Store | undefined;
  #holder: DatabaseSync | undefined;

  async open({ folder }: World): Promise<{ readonly store: Store }> {
    this.#store = await openSqliteStore({ folder, internal: { busyTimeoutMs: 40 } });
    return { store: this.#store };
  }

  take(world: World): void {
    this.#holder = new DatabaseSync(storeFile(world));
    this.#holder.exec('BEGIN IMMEDIATE');
  }

  async leave(): Promise<void> {
    this.#holder?.close();
    await this.#store?.close();
  }
}

/** Faults of the disk and the store. */
export const machineRows: readonly FaultRow[] = [
  {
    group,
    fault: 'The disk is full before anything is sent',
    needsDisk: true,
    plays: everywhere({ before: ({ disk }) => disk?.fill(), repair: freeDisk, ...beforeTheWire }),
  },
  {
    group,
    fault: 'The disk becomes full while the submission is on the wire',
    needsDisk: true,
    plays: (() => {
      const play = (operation: string): Play => ({
        faults: [{ kind: 'stall', operation, delayMs: 100, nth: 1 }],
        imageBytes: largeImageBytes,
        struck: { kind: 'stall', act: ({ disk }) => disk?.fill() },
        repair: freeDisk,
        ends: 'storage:accepted ended 1/1',
        again: 'image done 0/0',
      });
      return {
        Hunyuan: play('submit'),
        OpenAI: play('generate'),
        // Its answer holds an address only: the picture fits into the room that was kept.
        'OpenAI-compatible': { ...play('generate'), ends: 'image done 1/1' },
        // Nothing is kept for what costs nothing; the server is asked whether it has the job.
        ComfyUI: { ...play('submit'), ends: 'storage:accepted submitting 1/1' },
      };
    })(),
  },
  {
    group,
    fault: 'The disk becomes full while the job runs',
    needsDisk: true,
    plays: (() => {
      const play: Play = {
        at: { state: 'accepted', act: ({ disk }) => disk?.fill() },
        imageBytes: largeImageBytes,
        repair: freeDisk,
        ends: 'storage:accepted ended 1/1',
        again: 'image done 0/0',
      };
      return { ...everywhere(play), ComfyUI: { ...play, ends: 'storage:accepted accepted 1/1' } };
    })(),
  },
  {
    group,
    fault: 'The output folder is read-only',
    needsDisk: true,
    plays: everywhere({
      before: ({ disk }) => disk?.setReadOnly(true),
      repair: ({ disk }) => disk?.setReadOnly(false),
      ...beforeTheWire,
    }),
  },
  {
    group,
    fault: 'A file stands where the output folder should be',
    plays: everywhere({
      before: ({ folder }) => writeFileSync(folder, 'in the way'),
      repair: ({ folder }) => rmSync(folder),
      ...beforeTheWire,
    }),
  },
  {
    group,
    fault: 'A folder stands where the image should go',
    plays: everywhere({
      before: ({ folder }) => void mkdirSync(join(folder, 'lamp.png'), { recursive: true }),
      repair: ({ folder }) => rmdirSync(join(folder, 'lamp.png')),
      ...beforeTheWire,
    }),
  },
  {
    group,
    fault: 'A folder comes to stand where the image should go, while the job runs',
    plays: everywhere({
      at: { state: 'accepted', act: ({ folder }) => mkdirSync(join(folder, 'lamp.png')) },
      repair: ({ folder }) => rmdirSync(join(folder, 'lamp.png')),
      ends: 'storage:accepted received 1/1',
      again: 'image done 0/0',
    }),
  },
  {
    group,
    fault: 'The store is damaged',
    plays: everywhere({
      before(world) {
        mkdirSync(dirname(storeFile(world)), { recursive: true });
        writeFileSync(storeFile(world), 'this is no database, whatever else it may be. '.repeat(100));
      },
      repair: (world) => rmSync(storeFile(world)),
      ...beforeTheWire,
    }),
  },
  {
    group,
    fault: 'Another program locks the store before anything is sent',
    plays: Object.fromEntries(
      serviceNames.map((name) => {
        const lock = new Lock();
        const play: Play = {
          options: async (world) => {
            const opened = await lock.open(world);
            lock.take(world);
            return opened;
          },
          repair: async () => lock.leave(),
          ...beforeTheWire,
        };
        return [name, play];
      }),
    ) as FaultRow['plays'],
  },
  {
    group,
    fault: 'Another program locks the store while the job runs',
    plays: Object.fromEntries(
      serviceNames.map((name) => {
        const lock = new Lock();
        const play: Play = {
          options: async (world) => lock.open(world),
          at: { state: 'accepted', act: (world) => lock.take(world) },
          repair: async () => lock.leave(),
          ends: 'image accepted 1/1',
          again: 'image done 0/0',
        };
        return [name, play];
      }),
    ) as FaultRow['plays'],
  },
];
