import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ImageClient } from '@holodeck/core';
import { createImageQueue, createImageWorker, openRedisPermits, openRedisStore } from '@holodeck/redis';
import { Queue, QueueEvents, Worker } from 'bullmq';
import { InstantBackend } from '../../support/instant-backend.ts';
import { paintPng } from '@holodeck/emulators';
import { checkAndWrite } from './bare.ts';

/** What a queue and its worker get. */
export interface QueueSettings {
  readonly url: string;
  /** Images go here. */
  readonly folder: string;
  /** Jobs at once. */
  readonly width: number;
}

/** A queue and a worker in this process. */
export interface QueueContestant {
  /** Adds so many jobs, and resolves when the results of all are here. */
  run(jobs: number): Promise<void>;
}

/** The same jobs, each a small picture that takes no time to make and goes to a synced file. */
export const queues: Readonly<Record<string, (settings: QueueSettings) => Promise<QueueContestant>>> = {
  bullmq: async ({ url, folder, width }) => {
    const { hostname: host, port } = new URL(url);
    const connection = { host, port: Number(port), maxRetriesPerRequest: null };
    const name = randomUUID();
    const picture = Buffer.from(paintPng({ width: 64, height: 64, prompt: 'a lamp', seed: 1 }));
    const queue = new Queue(name, { connection });
    // It adds one listener for each job that is waited for.
    queue.setMaxListeners(0);
    const events = new QueueEvents(name, { connection });
    const worker = new Worker(
      name,
      async ({ id }) => ({ bytes: await checkAndWrite(picture, join(folder, `${id}.png`), true) }),
      { connection, concurrency: width },
    );
    await Promise.all([events.waitUntilReady(), worker.waitUntilReady()]);
    let index = 0;
    return {
      async run(jobs) {
        const added = await queue.addBulk(
          Array.from({ length: jobs }, () => ({ name: 'image', data: { prompt: `object ${index++}` } })),
        );
        await Promise.all(added.map((job) => job.waitUntilFinished(events)));
      },
    };
  },
  '@holodeck/redis': async ({ url, folder, width }) => {
    const server = { url, prefix: randomUUID() };
    const client = new ImageClient(new InstantBackend(), {
      outputDir: folder,
      store: await openRedisStore(server),
      permits: await openRedisPermits(server),
      maxConcurrent: width,
    });
    const [lane] = client.backend.lanes;
    await createImageWorker({ ...server, client, concurrency: width });
    const queue = await createImageQueue({ ...server, lane: lane! });
    let index = 0;
    return {
      async run(jobs) {
        const tasks = Array.from({ length: jobs }, () => {
          index += 1;
          return { taskId: `task-${index}`, prompt: `object ${index}`, size: '64x64', outputPath: `${index}.png` };
        });
        for await (const made of queue.generateStream(tasks)) if (!made.success) throw made.error;
      },
    };
  },
};
