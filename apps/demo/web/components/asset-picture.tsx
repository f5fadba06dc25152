import type { JSX } from 'preact';
import type { AssetView } from '../../src/shared/session-view.ts';
import { useMessages, useTexts } from '../i18n/use-messages.ts';
import type { AssetProgress } from '../lib/asset-progress.ts';
import { Icon } from './icon.tsx';

interface AssetPictureProps {
  readonly asset: AssetView;
  readonly progress: AssetProgress | undefined;
  readonly name: string;
  /** Whether it is being made, or waits for its turn. */
  readonly isComing: boolean;
  /** Called with the address of the picture that can be seen now. */
  readonly onShown: (url: string) => void;
}

/** An image, its preview, or the place where it will be. */
export function AssetPicture({ asset, progress, name, isComing, onShown }: AssetPictureProps): JSX.Element {
  const { asset: words, labelled } = useMessages();
  const textOf = useTexts();
  const { url } = asset;
  const preview = progress?.previewUrl;
  const fraction = progress?.fraction;
  return (
    <div class={`picture${isComing && url === null && preview === undefined ? ' is-coming' : ''}`}>
      {preview !== undefined ? (
        <img src={preview} alt={labelled(words.preview, name)} class="is-preview" data-testid="preview" />
      ) : url !== null ? (
        <img src={url} alt={name} width={asset.width} height={asset.height} onLoad={() => onShown(url)} />
      ) : (
        !isComing && (
          <span class="no-picture" aria-hidden="true">
            <Icon name={asset.state === 'failed' ? 'warn' : 'stage'} />
          </span>
        )
      )}
      {progress !== undefined && (fraction !== undefined || progress.reason !== undefined) && (
        <div class="picture-progress">
          {fraction !== undefined && <progress max={1} value={fraction} aria-label={name} />}
          {progress.reason !== undefined && progress.phase === 'waiting' && <small>{textOf(progress.reason)}</small>}
        </div>
      )}
    </div>
  );
}
