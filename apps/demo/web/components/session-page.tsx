import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { AvailabilityView, DownPolicy, SessionView, StoryEvent } from '../../src/shared/session-view.ts';
import { useBackendName, useMessages, useTexts } from '../i18n/use-messages.ts';
import { act, textsOfError } from '../lib/api-client.ts';
import { progressOf } from '../lib/asset-progress.ts';
import { AssetCard } from './asset-card.tsx';
import { AssetDetails } from './asset-details.tsx';
import { ConfirmDialog } from './confirm-dialog.tsx';
import type { Question } from './confirm-dialog.tsx';
import { CostPanel } from './cost-panel.tsx';
import { DownNotice } from './down-notice.tsx';
import { Icon } from './icon.tsx';
import { LockStory } from './lock-story.tsx';
import { SessionHead } from './session-head.tsx';
import { StagePanel } from './stage-panel.tsx';

interface SessionPageProps {
  readonly view: SessionView;
  readonly story: readonly StoryEvent[];
  readonly availability: readonly AvailabilityView[] | undefined;
  readonly isEmulated: boolean;
  /** Opens the fault switches; undefined on live services. */
  readonly onBreak: (() => void) | undefined;
}

/** The actions of a session's page. */
export interface SessionDoings {
  readonly continue: (policy?: DownPolicy) => void;
  readonly stop: () => void;
  readonly retry: (assetId: string, payAgain?: boolean) => void;
  readonly restart: () => void;
  readonly release: (discardAssets: boolean) => void;
  /** Asks first. */
  readonly ask: (question: Question) => void;
  readonly show: (assetId: string) => void;
}

/** One scene: its lock, its images as they arrive, its story. */
export function SessionPage({ view, story, availability, isEmulated, onBreak }: SessionPageProps): JSX.Element {
  const messages = useMessages();
  const textOf = useTexts();
  const nameOf = useBackendName();
  const { session: words } = messages;
  const [question, setQuestion] = useState<Question>();
  const [shownId, setShownId] = useState<string>();
  const [problem, setProblem] = useState('');
  const [showsStage, setShowsStage] = useState(false);
  const progress = useMemo(() => progressOf(story), [story]);
  const { sessionId } = view;
  const run = (work: Promise<unknown>): void => {
    setProblem('');
    work.catch((error: unknown) => setProblem(messages.app.failed(textOf(textsOfError(error)))));
  };
  const doings: SessionDoings = {
    continue: (policy) => run(act(sessionId, 'continue', policy === undefined ? {} : { policy })),
    stop: () => run(act(sessionId, 'stop', {})),
    retry: (assetId, payAgain = false) => run(act(sessionId, 'retry', { assetId, payAgain })),
    restart: () => run(act(sessionId, 'restart', view.next === undefined ? {} : { backend: view.next.backend })),
    release: (discardAssets) => run(act(sessionId, 'release', { discardAssets })),
    ask: setQuestion,
    show: setShownId,
  };
  const [reference, ...others] = view.assets;
  const cards = others.filter(({ state }) => state !== 'superseded');
  const superseded = view.assets.filter(({ state }) => state === 'superseded');
  const shown = view.assets.find(({ id }) => id === shownId);
  const card = (asset: SessionView['assets'][number], isLarge = false): JSX.Element => (
    <AssetCard
      key={asset.id}
      asset={asset}
      progress={view.running ? progress.get(asset.id) : undefined}
      isRunning={view.running}
      isLarge={isLarge}
      doings={doings}
    />
  );
  return (
    <article class="session" aria-labelledby="session-title" data-testid="session" data-running={view.running}>
      <SessionHead
        view={view}
        doings={doings}
        availability={availability}
        stage={{ isOpen: showsStage, toggle: () => setShowsStage(!showsStage) }}
      />
      {problem !== '' && (
        <p class="notice is-bad" role="alert">
          {problem}
        </p>
      )}
      <DownNotice view={view} availability={availability} doings={doings} />
      {showsStage && (
        <StagePanel view={view} title={messages.stage.title} scrollsHere>
          {onBreak !== undefined && (
            <button type="button" class="secondary" onClick={onBreak}>
              <Icon name="bolt" />
              {messages.faults.act(nameOf(view.lock.backend ?? ''))}
            </button>
          )}
        </StagePanel>
      )}
      <div class="gallery">
        {reference !== undefined && card(reference, true)}
        <section class="cards" aria-label={words.objects}>
          {cards.length === 0 ? <p class="note">{words.noObjects}</p> : cards.map((asset) => card(asset))}
        </section>
      </div>
      {superseded.length > 0 && (
        <section class="superseded" aria-labelledby="superseded-title">
          <h2 id="superseded-title">{words.superseded}</h2>
          <p class="small">{words.supersededHint}</p>
          <div class="cards">{superseded.map((asset) => card(asset))}</div>
        </section>
      )}
      <div class="session-foot">
        <CostPanel view={view} isEmulated={isEmulated} />
        <LockStory view={view} story={story} />
      </div>
      {question !== undefined && <ConfirmDialog question={question} onClose={() => setQuestion(undefined)} />}
      {shown !== undefined && <AssetDetails asset={shown} onClose={() => setShownId(undefined)} />}
    </article>
  );
}
