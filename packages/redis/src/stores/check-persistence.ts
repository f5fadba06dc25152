import type { Message } from '@holodeck/core/backend';
import type { RedisConnection } from '../connection/redis-connection.ts';
import { say } from './store-messages.ts';

/**
 * What is wrong with how a server keeps its data; empty if the server does not allow the question. See
 * https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/.
 */
export async function checkPersistence(connection: RedisConnection): Promise<readonly Message[]> {
  const [appendOnly, appendFsync, policy, maxMemory] = await Promise.all(
    ['appendonly', 'appendfsync', 'maxmemory-policy', 'maxmemory'].map((name) => connection.configuration(name)),
  );
  const problems: Message[] = [];
  const { location } = connection;
  if (appendOnly === 'no') problems.push(say('no-append-only', { location }));
  else if (appendOnly === 'yes' && appendFsync === 'no') problems.push(say('no-fsync', { location }));
  const isBounded = maxMemory !== undefined && maxMemory !== '0';
  if (isBounded && policy !== undefined && policy !== 'noeviction') problems.push(say('evicts', { location, policy }));
  return problems;
}
