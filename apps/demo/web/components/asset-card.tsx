import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AssetView } from '../../src/shared/session-view.ts';
import { useMessages, useTexts } from '../i18n/use-messages.ts';
import { nameOfAsset } from '../lib/asset-name.ts';
import type { AssetProgress } from '../lib/asset-progress.ts';
import { AssetPicture } from './asset-picture.tsx';
import { FailureNote } from './failure-note.tsx';
import { GateBadge } from './gate-badge.tsx';
import { Icon } from './icon.tsx';
import type { SessionDoings } from './session-page.tsx';

interface AssetCardProps {
  readonly asset: AssetView;
  /** While it is being made. */
  readonly progress: AssetProgress | undefined;
  readonly isRunning: boolean;
  readonly isLarge: boolean;
  readonly doings: SessionDoings;
}

/** One image: finished, in progress, or failed with the reason. */
export function AssetCard({ asset, progress, isRunning, isLarge, doings }: AssetCardProps): JSX.Element {
  const messages = useMessages();
  const { asset: words } = messages;
  const textOf = useTexts();
  const name = nameOfAsset(asset, messages);
  const isBusy = progress !== undefined;
  const isComing = isRunning && asset.state === 'pending';
  const [shownUrl, setShownUrl] = useState<string>();
  // A card is done when its picture can be seen.
  const isArriving = asset.state === 'current' && asset.url !== shownUrl;
  return (
    <figure
      class={`asset is-${isArriving ? 'arriving' : asset.state}${isLarge ? ' is-large' : ''}${isBusy ? ' is-busy' : ''}`}
      data-testid={`asset-${asset.id}`}
      data-state={asset.state}
      data-busy={isBusy}
      aria-busy={isBusy}
    >
      <AssetPicture asset={asset} progress={progress} name={name} isComing={isBusy || isComing} onShown={setShownUrl} />
      <figcaption>
        <div class="asset-title">
          <strong title={name}>{name}</strong>
          <span class="asset-state">
            {isBusy
              ? (words.phases[progress.phase] ?? progress.phase)
              : isComing
                ? words.phases['queued']
                : words.states[isArriving ? 'arriving' : asset.state]}
          </span>
        </div>
        {asset.description !== '' && !isLarge && <p class="small asset-words">{asset.description}</p>}
        <div class="badges">
          <GateBadge gate={asset.gate} />
          {asset.imported && <span class="badge">{words.imported}</span>}
        </div>
        {asset.state === 'stale' && asset.staleReason !== undefined && <p class="small">{textOf(asset.staleReason)}</p>}
        {asset.error !== undefined && !isBusy && <FailureNote error={asset.error} />}
        <AssetActions asset={asset} name={name} isBusy={isBusy} isComing={isComing} doings={doings} />
      </figcaption>
    </figure>
  );
}

function AssetActions({
  asset,
  name,
  isBusy,
  isComing,
  doings,
}: {
  readonly asset: AssetView;
  readonly name: string;
  readonly isBusy: boolean;
  /** Part of a run, and still waiting for its turn. */
  readonly isComing: boolean;
  readonly doings: SessionDoings;
}): JSX.Element {
  const { asset: words, confirm, failure } = useMessages();
  const mayPayTwice = asset.error?.outcome === 'unknown';
  const isThere = asset.state === 'current';
  const again = (): void => {
    if (mayPayTwice) {
      doings.ask({
        title: confirm.payAgain,
        text: confirm.payAgainText,
        confirm: failure.payAgain,
        onConfirm: () => doings.retry(asset.id, true),
      });
    } else if (isThere && asset.kind === 'scene-reference') {
      doings.ask({
        title: confirm.regenerateReference,
        text: confirm.regenerateReferenceText,
        confirm: words.again,
        onConfirm: () => doings.retry(asset.id),
      });
    } else doings.retry(asset.id);
  };
  const canRetry = !isBusy && !isComing && asset.state !== 'superseded' && asset.kind !== 'image' && !asset.imported;
  return (
    <div class="asset-actions">
      {canRetry && (
        <button
          type="button"
          class="quiet small-button"
          aria-label={isThere ? words.againOf(name) : words.tryAgainOf(name)}
          data-testid={`retry-${asset.id}`}
          onClick={again}
        >
          <Icon name="again" />
          {isThere ? words.again : words.tryAgain}
        </button>
      )}
      <button
        type="button"
        class="quiet small-button details-button"
        aria-label={words.detailsOf(name)}
        title={words.details}
        onClick={() => doings.show(asset.id)}
      >
        <Icon name="info" />
      </button>
    </div>
  );
}
