import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { SessionView } from '../../src/shared/session-view.ts';
import { useMessages } from '../i18n/use-messages.ts';
import { nameOfAsset } from '../lib/asset-name.ts';
import type { SceneStage, StageCard } from '../stage/scene-stage.ts';
import { Icon } from './icon.tsx';

/** The cards as cut-outs in front of the reference. Three.js is loaded when it opens. */
export function StagePanel({ view }: { readonly view: SessionView }): JSX.Element {
  const messages = useMessages();
  const { stage: words } = messages;
  const canvas = useRef<HTMLCanvasElement>(null);
  const stage = useRef<SceneStage | undefined>(undefined);
  const [state, setState] = useState<'loading' | 'ready' | 'failed'>('loading');
  const cards = view.assets.flatMap((asset): StageCard[] =>
    asset.kind === 'card' && asset.view === undefined && asset.state === 'current' && asset.url !== null
      ? [{ name: nameOfAsset(asset, messages), url: asset.url }]
      : [],
  );
  const backdrop = view.assets.find(({ kind, state: made }) => kind === 'scene-reference' && made === 'current')?.url;
  const key = JSON.stringify([backdrop, cards]);
  useEffect(() => {
    let isGone = false;
    void (async () => {
      try {
        const { openSceneStage } = await import('../stage/scene-stage.ts');
        if (isGone || canvas.current === null) return;
        stage.current = openSceneStage(canvas.current);
        await stage.current.show(cards, backdrop ?? undefined);
        if (!isGone) setState('ready');
      } catch {
        if (!isGone) setState('failed');
      }
    })();
    return () => {
      isGone = true;
      stage.current?.close();
      stage.current = undefined;
    };
  }, []);
  useEffect(() => {
    stage.current?.show(cards, backdrop ?? undefined).catch(() => undefined);
  }, [key]);
  return (
    <section class="panel stage" aria-labelledby="stage-title" data-testid="stage-panel" data-state={state}>
      <div class="dialog-head">
        <h2 id="stage-title">{words.title}</h2>
        <button type="button" class="quiet" onClick={() => stage.current?.reset()} disabled={state !== 'ready'}>
          <Icon name="again" />
          {words.reset}
        </button>
      </div>
      <p class="small" role="status">
        {state === 'loading'
          ? words.loading
          : state === 'failed'
            ? words.failed
            : cards.length === 0
              ? words.empty
              : words.hint}
      </p>
      <canvas
        ref={canvas}
        tabIndex={0}
        role="img"
        aria-label={messages.labelled(words.label, cards.map(({ name }) => name).join(messages.listSeparator))}
        onKeyDown={(event) => {
          if (stage.current?.turn(event.key) === true) event.preventDefault();
        }}
      />
    </section>
  );
}
