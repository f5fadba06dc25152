import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The part of s3rver (which has no types) that is used here. */
interface S3Rver {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
}
const S3rver = createRequire(import.meta.url)('s3rver') as new (options: object) => S3Rver;

/** A real S3 server of this machine with one bucket. */
export interface BucketServer {
  /** The variables with the keys that it takes. */
  readonly keys: Readonly<Record<string, string>>;
  /** `s3://pictures/<prefix>?endpoint=...` */
  url(prefix: string): string;
  /** Stops answering, as a server that is away. */
  stop(): Promise<void>;
  /** Starts again on the same port and data. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts it on a free port, and sets the keys that it takes in this process's environment until it is closed. */
export async function startBucketServer(): Promise<BucketServer> {
  const directory = await mkdtemp(join(tmpdir(), 'holodeck-bucket-'));
  const configureBuckets = [{ name: 'pictures' }];
  let port = 0;
  let running: S3Rver | undefined;
  const start = async (): Promise<void> => {
    running = new S3rver({ address: '127.0.0.1', port, silent: true, directory, configureBuckets });
    ({ port } = await running.run());
  };
  const stop = async (): Promise<void> => {
    await running?.close();
    running = undefined;
  };
  const keys = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };
  const before = Object.keys(keys).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, keys);
  await start();
  return {
    keys,
    url: (prefix) => `s3://pictures/${prefix}?endpoint=${encodeURIComponent(`http://127.0.0.1:${port}`)}`,
    start,
    stop,
    async close() {
      await stop();
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}
