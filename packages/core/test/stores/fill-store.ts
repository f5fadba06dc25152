/** Fills a store until it cannot be written any more, and says what happened. */
import { ImageError } from '@holodeck/core';
import { openSqliteStore } from '@holodeck/core/stores';

const store = await openSqliteStore({ folder: process.argv[2] ?? '', environment: {} });
let written = 0;
let failure: unknown;
while (failure === undefined) {
  try {
    await store.sessions.appendEvent('s', 'noted', { text: 'x'.repeat(2_000) });
    written += 1;
  } catch (error) {
    failure = error;
  }
}
const next: unknown = await store.sessions
  .appendEvent('s', 'noted', { text: 'x'.repeat(2_000) })
  .catch((error) => error);
const report = ImageError.isInstance(failure) ? failure.toJSON() : { message: 'no ImageError' };
console.log(JSON.stringify({ ...report, written, next: ImageError.isInstance(next) ? next.kind : 'written' }));
