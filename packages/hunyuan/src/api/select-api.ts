import type { HunyuanApi } from './hunyuan-api.ts';
import type { ResolvedOptions } from '../hunyuan-options.ts';
import { HyImage35Api } from './hy-image-35-api.ts';
import { Image3Api } from './image-3-api.ts';
import { LegacyApi } from './legacy-api.ts';
import { TokenHubApi } from './token-hub-api.ts';

/** The module of the chosen API. */
export function selectApi(options: ResolvedOptions): HunyuanApi {
  switch (options.api) {
    case 'image-3.0':
      return new Image3Api(options);
    case '2023-09-01':
      return new LegacyApi(options);
    case 'tokenhub':
      return new TokenHubApi(options);
    case 'hy-image-3.5':
      return new HyImage35Api(options);
    default:
      return options.api satisfies never;
  }
}
