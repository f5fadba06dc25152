import type { Message } from '@holodeck/core/backend';
import { Queue } from 'bullmq';
import type { RedisReply } from '../connection/redis-connection.ts';
import { parseJson } from '../scripts/parse-json.ts';
import { checkPersistence } from '../stores/check-persistence.ts';
import type { RedisConnectionOptions } from '../connection/redis-options.ts';
import { toRedisError } from '../connection/redis-errors.ts';
import { listGivenUp, listQueueLanes, reportWorker } from '../scripts/queue-scripts.ts';
import { givenUpReason } from './given-up.ts';
import { QueueConnection } from './queue-connection.ts';

/** The lane of a queue. */
export interface QueueLane {
  readonly lane: string;
  /** For display: region or host. */
  readonly label?: string;
  readonly backend?: string;
  readonly model?: string;
}

/** What a worker reports once a second. */
export interface WorkerReport {
  /** Host and process, for display. */
  readonly worker: string;
  /** Jobs that it is running. */
  readonly active: number;
  /** Its jobs at the provider. */
  readonly inFlight: number;
  /** Jobs that it completed. */
  readonly completed: number;
  readonly failed: number;
  /** Refusals because of limits or overload; they are free and use up no attempt. */
  readonly refusals: number;
  /** The account's limit of jobs at once, as its client has learned. */
  readonly limit: number;
}

/** The state of a queue. */
export interface QueueStatus extends QueueLane {
  readonly name: string;
  /** Jobs that wait for a worker. */
  readonly waiting: number;
  readonly active: number;
  /** Jobs that were put back for later. */
  readonly delayed: number;
  /** Completed jobs that are still kept. */
  readonly completed: number;
  readonly failed: number;
  /** Jobs at once at the provider over all workers, as they have learned; absent without a worker. */
  readonly limit?: number;
  readonly workers: readonly WorkerReport[];
  /** Ids of tasks that were given up because three workers died while they ran them; the latest first, at most 100. */
  readonly givenUp: readonly string[];
  /** What is wrong with how the server keeps its data. */
  readonly problems: readonly Message[];
}

/** A worker without a report for this long is not listed, in milliseconds. */
export const workerReportLifeMs = 10_000;

/** The account's limit: the highest that a worker has learned, because a refusal lowers only the refused worker's own. */
export function limitOfReports(reports: readonly WorkerReport[]): number | undefined {
  return reports.length === 0 ? undefined : Math.max(...reports.map(({ limit }) => limit));
}

/** The reports of a server's workers; one that is damaged is left out. */
export function readReports(reply: RedisReply): readonly WorkerReport[] {
  const reports = (reply as readonly string[]).map((text) => parseJson<WorkerReport>(text));
  return reports.filter((report): report is WorkerReport => typeof report?.limit === 'number');
}

/** Reads the state of a queue. */
export async function readQueueStatus(
  connection: QueueConnection,
  queue: Queue,
  lane: QueueLane,
): Promise<QueueStatus> {
  try {
    const [counts, reports, givenUp, problems] = await Promise.all([
      queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'completed', 'failed'),
      connection.run(reportWorker, [queue.name, '', '', workerReportLifeMs]),
      connection.run(listGivenUp, [queue.name, givenUpReason]),
      checkPersistence(connection.redis),
    ]);
    const count = (type: string): number => counts[type] ?? 0;
    const workers = readReports(reports);
    const limit = limitOfReports(workers);
    return {
      ...lane,
      name: queue.name,
      waiting: count('wait') + count('prioritized'),
      active: count('active'),
      delayed: count('delayed'),
      completed: count('completed'),
      failed: count('failed'),
      ...(limit === undefined ? {} : { limit }),
      workers,
      givenUp: givenUp as readonly string[],
      problems,
    };
  } catch (error) {
    throw toRedisError(error, connection.redis.location);
  }
}

/**
 * The state of all queues of a server (and prefix).
 * @throws {ImageError} kind `storage` when the server cannot be reached.
 */
export async function listQueueStatus(options: RedisConnectionOptions): Promise<readonly QueueStatus[]> {
  const connection = await QueueConnection.open(options);
  try {
    const lanes = await readQueueLanes(connection);
    const client = connection.bounded(options.maxOutageMs ?? 20_000);
    const list: QueueStatus[] = [];
    for (const [name, lane] of lanes) {
      const queue = new Queue(name, { connection: client, prefix: connection.prefix });
      queue.on('error', () => undefined);
      try {
        list.push(await readQueueStatus(connection, queue, lane));
      } finally {
        await queue.close();
      }
    }
    return list;
  } finally {
    await connection.close();
  }
}

/** All queues that were ever opened, and their lanes. */
async function readQueueLanes(connection: QueueConnection): Promise<ReadonlyMap<string, QueueLane>> {
  const reply = (await connection.run(listQueueLanes, [])) as readonly string[];
  const lanes = new Map<string, QueueLane>();
  for (let index = 0; index < reply.length; index += 2) {
    const lane = parseJson<QueueLane>(reply[index + 1] ?? '');
    if (lane?.lane !== undefined) lanes.set(reply[index] ?? '', { ...lane, lane: lane.lane });
  }
  return lanes;
}
