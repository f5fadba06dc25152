import type { ImageBackend } from '@holodeck/core';
import type { BackendProcessTask } from './backend-process.ts';
import { RecordingContext } from './recording-context.ts';

/** The first argument of a process that is to use a backend; without it, importing this module does nothing. */
export const backendProcessMarker = 'holodeck-backend-process';

/** The program of `runBackendProcess`. */
export const backendProgramUrl: string = import.meta.url;

async function main({ opener, request, folder }: BackendProcessTask): Promise<void> {
  const exports = (await import(opener.module)) as Record<
    string,
    (argument: unknown) => ImageBackend | Promise<ImageBackend>
  >;
  const open = exports[opener.open];
  if (open === undefined) throw new Error(`${opener.module} has no export ${opener.open}`);
  const backend = await open(opener.argument);
  const [lane] = backend.lanes;
  if (lane === undefined) throw new Error('The backend has no lane.');
  const context = new RecordingContext({ lane, logged: [], spoolDirectory: folder });
  await backend.probe({ signal: context.signal });
  await backend.collect(await backend.submit(request, context), context);
  await backend.close();
  // Written last and without an exit: whatever is left open keeps the process from ending.
  console.log('closed');
}

if (process.argv[2] === backendProcessMarker) {
  main(JSON.parse(process.argv[3] ?? '{}') as BackendProcessTask).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
}
