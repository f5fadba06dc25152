import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { SessionView } from '../../src/shared/session-view.ts';
import { useMessages } from '../i18n/use-messages.ts';
import { nameOfAsset } from '../lib/asset-name.ts';
import { saveFile } from '../lib/save-file.ts';
import { useObjectHeights } from '../lib/use-object-heights.ts';
import type { SceneStage, StageObject } from '../stage/scene-stage.ts';
import { Icon } from './icon.tsx';

interface StagePanelProps {
  readonly view: SessionView;
  readonly title: string;
  /** Whether the page scrolls to it when it opens. */
  readonly scrollsHere?: boolean;
  readonly children?: ComponentChildren;
}

/** The cards as bodies in front of the reference. Three.js is loaded when it opens. */
export function StagePanel({ view, title, scrollsHere = false, children }: StagePanelProps): JSX.Element {
  const messages = useMessages();
  const { stage: words } = messages;
  const panel = useRef<HTMLElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const labels = useRef<HTMLDivElement>(null);
  const [stage, setStage] = useState<SceneStage>();
  const [state, setState] = useState<'loading' | 'ready' | 'failed'>('loading');
  const cards = view.assets.filter(
    (asset) => asset.kind === 'card' && asset.view === undefined && asset.state === 'current' && asset.url !== null,
  );
  const heights = useObjectHeights(cards);
  const objects = cards.map((asset): StageObject => ({
    id: asset.id,
    name: nameOfAsset(asset, messages),
    url: asset.url ?? '',
    heightMeters: heights?.get(asset.id),
  }));
  const reference = view.assets.find(({ kind, state: made }) => kind === 'scene-reference' && made === 'current');
  useEffect(() => {
    const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (scrollsHere) panel.current?.scrollIntoView({ block: 'start', behavior: isCalm ? 'auto' : 'smooth' });
    let opened: SceneStage | undefined;
    let isGone = false;
    void import('../stage/scene-stage.ts')
      .then(({ openSceneStage }) => {
        if (isGone || canvas.current === null || labels.current === null) return;
        opened = openSceneStage(canvas.current, labels.current, !isCalm);
        setStage(opened);
      })
      .catch(() => setState('failed'));
    return () => {
      isGone = true;
      opened?.close();
    };
  }, []);
  useEffect(() => {
    if (stage === undefined || heights === undefined) return;
    stage.show(objects, reference?.url ?? undefined).then(
      () => setState('ready'),
      () => setState('failed'),
    );
  }, [stage, JSON.stringify([reference?.url, objects]), heights === undefined]);
  const download = (id?: string): void => {
    const name = id === undefined ? 'scene' : id.replace(/^[^/]+\//, '');
    void stage?.glb(id).then((bytes) => saveFile(bytes, `${name}.glb`, 'model/gltf-binary'));
  };
  const isComing = state === 'loading' || (view.running && objects.length === 0);
  const hint = isComing ? words.loading : objects.length === 0 ? words.empty : words.hint;
  const isReady = state === 'ready' && objects.length > 0;
  return (
    <section ref={panel} class="panel stage" aria-labelledby="stage-title" data-testid="stage-panel" data-state={state}>
      <div class="stage-view">
        <canvas
          ref={canvas}
          tabIndex={0}
          role="img"
          aria-label={messages.labelled(words.label, objects.map(({ name }) => name).join(messages.listSeparator))}
          onKeyDown={(event) => {
            if (stage?.turn(event.key) === true) event.preventDefault();
          }}
        />
        <div class="stage-labels" ref={labels} aria-hidden="true" />
      </div>
      <div class="stage-words">
        <h2 id="stage-title">{title}</h2>
        <p class="small" role="status">
          {state === 'failed' ? words.failed : hint}
        </p>
        <div class="actions">
          {children}
          {isReady && (
            <>
              <button type="button" class="quiet" onClick={() => stage?.reset()}>
                <Icon name="again" />
                {words.reset}
              </button>
              <button type="button" class="quiet" onClick={() => download()} data-testid="scene-glb">
                <Icon name="download" />
                scene.glb
              </button>
            </>
          )}
        </div>
        {isReady && (
          <details class="single-bodies">
            <summary>{words.singles}</summary>
            <div class="samples">
              {objects.map(({ id, name }) => (
                <button key={id} type="button" class="chip" onClick={() => download(id)}>
                  {name}
                </button>
              ))}
            </div>
            <p class="small">{words.preview}</p>
          </details>
        )}
      </div>
    </section>
  );
}
