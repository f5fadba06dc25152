import type { GenerationTask, ImageRequestInput } from '@holodeck/core';
import { invalidRequest, isRecord } from '@holodeck/core/backend';
import { findAllowedFile } from '../files/allowed-file.ts';
import { say } from './queue-messages.ts';

type AllOptions = NonNullable<ImageRequestInput['providerOptions']>;

/** Options of backends that may name a file: OpenAI's. */
const fileOptions = ['mask', 'markup'];

/** Changes the options of a task that are files. */
export function mapFileOptions(all: AllOptions, change: (value: unknown) => unknown): AllOptions {
  const mapped = Object.entries(all).map(([backend, options]) => {
    const names = isRecord(options) ? fileOptions.filter((name) => options[name] !== undefined) : [];
    return [
      backend,
      { ...options, ...Object.fromEntries(names.map((name) => [name, change(options[name])])) },
    ] as const;
  });
  return Object.fromEntries(mapped);
}

/** The path that the option of a file names; undefined where it holds bytes. */
export function pathOfOption(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return isRecord(value) && typeof value['path'] === 'string' ? value['path'] : undefined;
}

/**
 * The task with the real paths of its files. A producer is not trusted with the files of the worker's machine: they must lie
 * below `folder`. @throws {ImageError} kind `invalid-request`; the message does not say whether the file exists.
 */
export async function confineFiles(task: GenerationTask, folder: string): Promise<GenerationTask> {
  const { references = [], providerOptions = {} } = task;
  const allowed = new Map<string, string>();
  const paths = references.map(({ path }) => path);
  mapFileOptions(providerOptions, (value) => paths.push(pathOfOption(value)));
  for (const path of paths) {
    if (path === undefined) continue;
    const real = await findAllowedFile(folder, path);
    if (real === undefined) throw invalidRequest(say('file-refused'));
    allowed.set(path, real);
  }
  return {
    ...task,
    ...(task.references && {
      references: references.map((one) =>
        one.path === undefined ? one : { ...one, path: allowed.get(one.path) ?? '' },
      ),
    }),
    ...(task.providerOptions && {
      providerOptions: mapFileOptions(providerOptions, (value) => allowed.get(pathOfOption(value) ?? '') ?? value),
    }),
  };
}
