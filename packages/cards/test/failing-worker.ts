/** Answers like a worker for cards, but ends at an empty file, and at one byte says that it failed. */
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', ({ bytes }: { bytes: Uint8Array }) => {
  if (bytes.length === 0) process.exit(3);
  parentPort?.postMessage(bytes.length === 1 ? { fault: 'no memory' } : { found: { changed: false } }, []);
});
