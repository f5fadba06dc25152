import type { JSX } from 'preact';
import type { AvailabilityView, SessionView } from '../../src/shared/session-view.ts';
import { useBackendName, useMessages } from '../i18n/use-messages.ts';
import { archiveUrl } from '../lib/api-client.ts';
import { useFormat } from '../lib/format.ts';
import { isBlocked } from '../lib/is-blocked.ts';
import { Icon } from './icon.tsx';
import { LockBadge } from './lock-badge.tsx';
import type { SessionDoings } from './session-page.tsx';

interface SessionHeadProps {
  readonly view: SessionView;
  readonly doings: SessionDoings;
  readonly availability: readonly AvailabilityView[] | undefined;
  readonly stage: { readonly isOpen: boolean; readonly toggle: () => void };
}

/** The scene's text, its lock, its progress, and its actions. */
export function SessionHead({ view, doings, availability, stage }: SessionHeadProps): JSX.Element {
  const messages = useMessages();
  const { session: words, sessions } = messages;
  const format = useFormat();
  const counted = view.assets.filter(({ state }) => state !== 'superseded');
  const made = counted.filter(({ state }) => state === 'current').length;
  return (
    <header class="panel session-head">
      <div class="session-title-row">
        <h1 id="session-title">{view.text === '' ? sessions.untitled : view.text}</h1>
        <LockBadge lock={view.lock} />
      </div>
      <p class="small session-facts">
        <span>{words.createdAt(format.dateTime(view.createdAtMs))}</span>
        {view.style !== '' && <span>{words.style(view.style)}</span>}
        <span>{words.policy(messages.composer.policies[view.policy][0])}</span>
      </p>
      <div class="session-progress">
        <progress max={counted.length} value={made} aria-label={words.progress(made, counted.length)} />
        <span class="small" data-testid="session-progress">
          {words.progress(made, counted.length)}
        </span>
      </div>
      <div class="actions">
        {view.running ? (
          <button type="button" class="secondary" onClick={doings.stop} data-testid="stop">
            <Icon name="stop" />
            {words.stop}
          </button>
        ) : (
          view.missing > 0 && (
            <button type="button" class="primary" onClick={() => doings.continue()} data-testid="continue">
              <Icon name="play" />
              {words.continue(view.missing)}
            </button>
          )
        )}
        {made > 0 && (
          <>
            <button
              type="button"
              class="secondary"
              aria-expanded={stage.isOpen}
              onClick={stage.toggle}
              data-testid="stage"
            >
              <Icon name="cube" />
              {words.stage}
            </button>
            <a class="button secondary" href={archiveUrl(view.sessionId)} download data-testid="zip">
              <Icon name="download" />
              {words.zip}
            </a>
          </>
        )}
        <LockActions view={view} doings={doings} availability={availability} />
      </div>
    </header>
  );
}

function LockActions({
  view,
  doings,
  availability,
}: Pick<SessionHeadProps, 'view' | 'doings' | 'availability'>): JSX.Element | null {
  const { session: words, confirm, composer } = useMessages();
  const restart = useRestartQuestion(view, doings);
  if (view.lock.state === 'free') return null;
  const made = view.assets.filter(({ url, state, imported }) => url !== null && state !== 'superseded' && !imported);
  const release = (): void =>
    doings.ask({
      title: confirm.release,
      text: made.length === 0 ? confirm.releaseFree : confirm.releaseText(composer.images(made.length)),
      confirm: words.release,
      onConfirm: () => doings.release(true),
    });
  // A notice offers it where the backend has refused an image.
  const isDown =
    availability?.some(({ backend, status }) => backend === view.lock.backend && status === 'down') === true;
  const needsRestart = isDown && !view.assets.some(isBlocked);
  return (
    <>
      {restart !== undefined && needsRestart && (
        <button type="button" class="quiet" onClick={restart.ask} data-testid="restart">
          <Icon name="again" />
          {restart.label}
        </button>
      )}
      <button type="button" class="quiet" onClick={release} data-testid="release">
        <Icon name="unlock" />
        {words.release}
      </button>
    </>
  );
}

/** The restart's name and confirmation; undefined if no other backend can be used. */
export function useRestartQuestion(
  view: SessionView,
  doings: SessionDoings,
): { readonly label: string; readonly ask: () => void } | undefined {
  const { session: words, confirm, composer, cost } = useMessages();
  const nameOf = useBackendName();
  const format = useFormat();
  const { next } = view;
  if (next === undefined) return undefined;
  const label = words.restartOn(nameOf(next.backend));
  const price =
    next.amount === undefined || next.currency === undefined
      ? composer.noPrice
      : cost.about(format.amount(next.amount, next.currency));
  return {
    label,
    ask: () =>
      doings.ask({
        title: confirm.restart(nameOf(next.backend)),
        text: confirm.restartText(composer.images(next.images), price),
        confirm: label,
        onConfirm: doings.restart,
      }),
  };
}
