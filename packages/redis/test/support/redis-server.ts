import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../../../test/support/free-port.ts';

/** A real server process of this machine, with a folder of its own. */
export interface RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:PORT/0` */
  readonly url: string;
  /** As `kill -9` does. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder. */
  start(): Promise<void>;
  /** A connection for looking at the data; closed with the server. */
  readonly inspect: Redis;
  close(): Promise<void>;
}

/**
 * For tests that kill the server. With `everysec`, it answers before it writes while an earlier sync lasts: killed on a busy disk,
 * it forgets up to two seconds (`flushAppendOnlyFile` in Redis' aof.c).
 */
export const alwaysSynced: readonly string[] = ['--appendfsync', 'always'];

/** Starts redis-server (or valkey-server) on a free port, by default with an append-only file. */
export async function startRedisServer(options: readonly string[] = []): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'holodeck-redis-'));
  const port = await freePort();
  let child: ChildProcess | undefined;
  const inspect = new Redis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => 50 });
  inspect.on('error', () => undefined);
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  const start = async (): Promise<void> => {
    const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
    child = spawn(command(), [...fixed, '--appendonly', 'yes', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
    let log = '';
    for await (const chunk of child.stdout ?? []) {
      log += String(chunk);
      if (log.includes('Ready to accept connections')) break;
    }
    if (!log.includes('Ready to accept connections')) throw new Error(`redis-server did not start:\n${log}`);
    child.stdout?.resume();
  };
  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}/0`,
    kill,
    start,
    inspect,
    async close() {
      inspect.disconnect();
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function command(): string {
  // The command to use instead, such as valkey-server where both are there.
  const chosen = process.env['HOLODECK_REDIS_SERVER'];
  for (const name of chosen === undefined ? ['redis-server', 'valkey-server'] : [chosen]) {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return name;
    } catch {
      // The other name.
    }
  }
  throw new Error('These tests need redis-server or valkey-server on the PATH (Debian: apt-get install redis-server).');
}
