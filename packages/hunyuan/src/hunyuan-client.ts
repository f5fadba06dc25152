import { ImageClient } from '@holodeck/core';
import type { ImageClientOptions } from '@holodeck/core';
import { createHunyuanBackend } from './hunyuan-backend.ts';
import { hunyuanOptionsFromEnvironment } from './hunyuan-environment.ts';
import { backendOptionNames, configurationError } from './hunyuan-options.ts';
import type { HunyuanOptions } from './hunyuan-options.ts';

/** Options of the backend and of the client that drives it, in one object. */
export type HunyuanClientOptions = HunyuanOptions & ImageClientOptions;

/**
 * A client for Tencent Hunyuan. Without credentials in the options (without arguments, too) they are read from the
 * environment; see `hunyuanOptionsFromEnvironment`. Options that are given win over the environment's.
 *
 * ```ts
 * const client = createHunyuanClient({ outputDir: 'pictures' });
 * const result = await client.generate({ prompt: '雨夜的面馆' });
 * await client.close();
 * ```
 * @throws {ImageError} outcome `not-submitted` when nothing is configured or an option cannot be.
 */
export function createHunyuanClient(options: HunyuanClientOptions = {}): ImageClient {
  const [own, client] = split(options);
  const { secretId, secretKey, apiKey } = options;
  if (secretId !== undefined || secretKey !== undefined || apiKey !== undefined) {
    return new ImageClient(createHunyuanBackend(own), client);
  }
  const found = hunyuanOptionsFromEnvironment(options.network?.environment ?? process.env);
  if (!found.configured) throw configurationError(found.reason, 'auth');
  const { maxConcurrent } = found;
  return new ImageClient(createHunyuanBackend({ ...found.options, ...own }), {
    ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
    ...client,
  });
}

function split(options: HunyuanClientOptions): readonly [HunyuanOptions, ImageClientOptions] {
  const own: Record<string, unknown> = {};
  const client: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (name === 'internal') {
      const { clock } = value as NonNullable<HunyuanOptions['internal']>;
      if (clock !== undefined) own[name] = { clock };
      client[name] = value;
    } else if (backendOptionNames.has(name)) own[name] = value;
    else client[name] = value;
  }
  return [own, client];
}
