import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from 's3rver';

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
  let running: S3rver | undefined;
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
