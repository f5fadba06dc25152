import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.ts';

/** A separate redis-server with an append-only file. */
export interface RedisProcess {
  readonly url: string;
  /** Processor time of the server so far, in milliseconds. */
  cpuMs(): number;
  stop(): void;
}

/** Undefined if redis-server is not installed. */
export async function startRedis(): Promise<RedisProcess | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'holodeck-bench-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--save', ''];
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const stop = (): void => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  const started = await new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', () => resolve(false));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('Ready to accept connections')) resolve(true);
    });
  });
  const cpuMs = (): number => {
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    // After the name in brackets: the 12th and 13th fields are in ticks of 10 ms (proc(5), utime and stime).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  };
  if (started) return { url: `redis://127.0.0.1:${port}`, cpuMs, stop };
  stop();
  return undefined;
}
