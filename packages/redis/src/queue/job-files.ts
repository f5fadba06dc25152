import type { GenerationTask, ImageRequestInput } from '@holodeck/core';
import { invalidRequest, isRecord } from '@holodeck/core/backend';
import { findAllowedFile } from '../files/allowed-file.ts';
import { say } from './queue-messages.ts';

type AllOptions = NonNullable<ImageRequestInput['providerOptions']>;

/** OpenAI's options that may name a file. */
const fileOptions = ['mask', 'markup'];

/** Applies a change to the options that are files. */
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

/** The path in a file option; undefined if it holds bytes. */
export function pathOfOption(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return isRecord(value) && typeof value['path'] === 'string' ? value['path'] : undefined;
}

/**
 * The task with the real paths of its files. They must lie below `folder`, because a producer must not choose other files of
 * the worker's machine. @throws {ImageError} kind `invalid-request`; the message does not reveal whether a file exists.
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
