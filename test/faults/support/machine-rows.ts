import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '@holodeck/core/stores';
import type { Store } from '@holodeck/core/stores';
import type { FaultRow, Play, World } from './fault-row.ts';
import { serviceNames } from './services.ts';

const group = 'This machine' as const;

/** The same play for every service. */
function everywhere(play: Play): FaultRow['plays'] {
  return Object.fromEntries(serviceNames.map((name) => [name, play])) as FaultRow['plays'];
}

/** Nothing is sent, and the same command generates the image once the fault is repaired. */
const beforeTheWire = { ends: 'storage:not-submitted - 0/0', again: 'image done 1/1' };

/** An image that is too large for the space that is reserved for records. */
const largeImageBytes = 2_500_000;

const freeDisk = ({ disk }: World): void => disk?.free();

const storeFile = ({ folder }: World): string => join(folder, '.holodeck', 'store.sqlite');

/** Another program that locks the store's file, and a store that gives up soon. */
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
        'Hy-Image 3.5': play('submit'),
        OpenAI: play('generate'),
        'OpenAI batch': play('create-batch'),
        // Its answer is only a URL, so the picture fits into the reserved space.
        'OpenAI-compatible': { ...play('generate'), ends: 'image done 1/1' },
        // No space is reserved for a free service; the server is asked whether it has the job.
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
    fault: 'A file is in the place of the output folder',
    plays: everywhere({
      before: ({ folder }) => writeFileSync(folder, 'in the way'),
      repair: ({ folder }) => rmSync(folder),
      ...beforeTheWire,
    }),
  },
  {
    group,
    fault: 'A folder is in the place of the image',
    plays: everywhere({
      before: ({ folder }) => void mkdirSync(join(folder, 'lamp.png'), { recursive: true }),
      repair: ({ folder }) => rmdirSync(join(folder, 'lamp.png')),
      ...beforeTheWire,
    }),
  },
  {
    group,
    fault: 'A folder appears in the place of the image while the job runs',
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
        writeFileSync(storeFile(world), 'This is not a database. '.repeat(100));
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
