import { statSync } from 'node:fs';
import { ImageClient } from '@holodeck/core';
import type { GenerationTask, ImageBackend } from '@holodeck/core';
import type { Contestant, ContestantSettings } from './contestant.ts';

/** A backend with `ImageClient`, with its store on disk if images go to files. */
export function driven(
  backend: ImageBackend,
  settings: ContestantSettings,
  taskOptions: (index: number) => Partial<GenerationTask> = () => ({}),
): Contestant {
  const { folder, width } = settings;
  const client = new ImageClient(backend, {
    ...(folder === undefined ? {} : { outputDir: folder, stateDir: folder }),
    maxConcurrent: width,
  });
  return {
    async run(prompt, index, file) {
      const result = await client.generateOrThrow({
        prompt,
        size: settings.size,
        taskId: `task-${index}`,
        ...taskOptions(index),
        ...(file === undefined ? {} : { outputPath: file }),
      });
      const [image] = result.images;
      if (image === undefined) throw new Error('There is no image.');
      return 'bytes' in image && image.bytes !== undefined ? image.bytes.length : statSync(image.path as string).size;
    },
    close: () => client.close(),
  };
}
