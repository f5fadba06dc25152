import { ImageError } from '@holodeck/core';
import type { HunyuanApi } from './hunyuan-api.ts';
import { backendName } from './hunyuan-options.ts';
import type { ResolvedOptions } from './hunyuan-options.ts';
import { Image3Api } from './image-3-api.ts';

/**
 * The module of the chosen API.
 * @throws {ImageError} kind `unsupported` for an API that this version does not speak.
 */
export function selectApi(options: ResolvedOptions): HunyuanApi {
  switch (options.api) {
    case 'image-3.0':
      return new Image3Api(options);
    case '2023-09-01':
      throw unsupported(
        '"2023-09-01" (SubmitHunyuanImageJob), which the vendor announced as ended on 2026-09-30, is',
        'Use api "image-3.0" with the same key pair (HUNYUAN_API=image-3.0, or leave it out).',
      );
    case 'tokenhub':
      throw unsupported(
        '"tokenhub" is',
        'Use api "image-3.0" with a key pair (HUNYUAN_SECRET_ID and HUNYUAN_SECRET_KEY).',
      );
    default:
      return options.api satisfies never;
  }
}

function unsupported(what: string, remedy: string): ImageError {
  return new ImageError({
    kind: 'unsupported',
    outcome: 'not-submitted',
    backend: backendName,
    message: `The API ${what} not supported by this version of @holodeck/hunyuan. ${remedy}`,
  });
}
