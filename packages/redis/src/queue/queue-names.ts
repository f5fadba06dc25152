import { createHash } from 'node:crypto';
import type { Lane } from '@holodeck/core/backend';

/** A lane by its id, or the lane itself. */
export type LaneReference = string | Pick<Lane, 'id'>;

export function laneIdOf(lane: LaneReference): string {
  return typeof lane === 'string' ? lane : lane.id;
}

/** The queue of a lane. BullMQ forbids colons in names, and a lane's id may hold anything. */
export function queueNameOf(lane: LaneReference): string {
  return `images-${createHash('sha256').update(laneIdOf(lane)).digest('hex').slice(0, 16)}`;
}

/** What BullMQ's keys begin with. */
export function queuePrefixOf(prefix: string): string {
  return `${prefix}:queue`;
}
