import { createHash } from 'node:crypto';
import type { Lane } from '@holodeck/core/backend';

/** A lane or its id. */
export type LaneReference = string | Pick<Lane, 'id'>;

export function laneIdOf(lane: LaneReference): string {
  return typeof lane === 'string' ? lane : lane.id;
}

/** The name of a lane's queue: a hash, because BullMQ forbids colons and a lane's id may hold any character. */
export function queueNameOf(lane: LaneReference): string {
  return `images-${createHash('sha256').update(laneIdOf(lane)).digest('hex').slice(0, 16)}`;
}

/** BullMQ's keys begin with it. */
export function queuePrefixOf(prefix: string): string {
  return `${prefix}:queue`;
}
