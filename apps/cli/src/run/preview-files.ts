import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { TaskEvent } from '@holodeck/core';

import { messages } from '../messages/messages.ts';
import type { CommandRun } from './command-run.ts';
import { reasonOf } from './reason-of.ts';

/** Keeps the latest preview of each task as a file in `<folder>/previews`, and says once for each task where it is. */
export function keepPreviews(run: CommandRun, folder: string): (event: TaskEvent) => void {
  const noted = new Set<string>();
  const directory = join(folder, 'previews');
  return (event) => {
    if (event.type !== 'progress' || event.progress.type !== 'preview') return;
    const { bytes, mediaType } = event.progress;
    const name = event.taskId.replaceAll(/[^\p{L}\p{N}._-]/gu, '-').slice(0, 60);
    const path = join(directory, `${name}.${mediaType.replace(/^image\/(?:jpeg)?/, '') || 'jpg'}`);
    try {
      mkdirSync(directory, { recursive: true });
      // Renamed into place, so that a viewer never sees half a picture.
      writeFileSync(`${path}.part`, bytes);
      renameSync(`${path}.part`, path);
      if (!noted.has(event.taskId)) run.view.note(messages().reports.previewAt(path));
    } catch (error) {
      if (!noted.has(event.taskId)) run.warn(messages().errors.preview(path, reasonOf(error)));
    }
    noted.add(event.taskId);
  };
}
