import type { ComponentChildren, JSX } from 'preact';
import type { AssetView } from '../../src/shared/session-view.ts';
import { useBackendName, useMessages, useTexts } from '../i18n/use-messages.ts';
import { nameOfAsset } from '../lib/asset-name.ts';
import { useFormat } from '../lib/format.ts';
import { Dialog } from './confirm-dialog.tsx';

/** Where an image comes from. */
export function AssetDetails({
  asset,
  onClose,
}: {
  readonly asset: AssetView;
  readonly onClose: () => void;
}): JSX.Element {
  const messages = useMessages();
  const { asset: words } = messages;
  const nameOf = useBackendName();
  const format = useFormat();
  const textOf = useTexts();
  const { url, originalUrl, prompt, revisedPrompt, seed, model, backend, width, height, totalMs } = asset;
  const { cost, warnings, judgement } = asset;
  const facts: readonly (readonly [string, ComponentChildren])[] = [
    [words.look, asset.look === undefined ? null : words.looks[asset.look]],
    [
      words.judge,
      judgement === undefined
        ? null
        : messages.labelled(judgement.isAsAsked ? words.asAsked : words.notAsAsked, judgement.reason),
    ],
    [words.prompt, prompt],
    [words.revised, revisedPrompt],
    [words.model, backend === null ? null : `${nameOf(backend)} · ${model ?? ''}`],
    [words.seed, seed],
    [words.size, width === undefined ? null : `${width} × ${height}`],
    [words.took, totalMs === undefined ? null : format.duration(totalMs)],
    [words.cost, cost.images === 0 ? null : format.money(cost)],
    [
      words.warnings,
      warnings.length === 0 ? null : warnings.map((warning) => <p key={warning.en}>{textOf(warning)}</p>),
    ],
    [words.original, originalUrl === undefined ? null : <FileLink url={originalUrl} />],
    [words.fileOf, url === null ? null : <FileLink url={url} />],
  ];
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return (
    <Dialog title={nameOfAsset(asset, messages)} onClose={onClose}>
      {url !== null && <img class="details-picture" src={url} alt={nameOfAsset(asset, messages)} />}
      {known.length === 0 ? (
        <p>{words.noDetails}</p>
      ) : (
        <dl class="facts">
          {known.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </Dialog>
  );
}

function FileLink({ url }: { readonly url: string }): JSX.Element {
  const path = decodeURIComponent(new URL(url, location.href).pathname.split('/files/')[1] ?? '');
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {path}
    </a>
  );
}
