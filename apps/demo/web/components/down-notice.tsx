import type { JSX } from 'preact';
import type { AvailabilityView, SessionView } from '../../src/shared/session-view.ts';
import { useBackendName, useMessages, useTexts } from '../i18n/use-messages.ts';
import { isBlocked } from '../lib/is-blocked.ts';
import { Icon } from './icon.tsx';
import { useRestartQuestion } from './session-head.tsx';
import type { SessionDoings } from './session-page.tsx';

interface DownNoticeProps {
  readonly view: SessionView;
  readonly availability: readonly AvailabilityView[] | undefined;
  readonly doings: SessionDoings;
}

/** Why a session's backend cannot be used, and what the user can do. */
export function DownNotice({ view, availability, doings }: DownNoticeProps): JSX.Element | null {
  const { failure: words, session, confirm, composer } = useMessages();
  const nameOf = useBackendName();
  const textOf = useTexts();
  const restart = useRestartQuestion(view, doings);
  if (view.running) return null;
  const { backend } = view.lock;
  const blocked = view.assets.find(isBlocked);
  if (blocked === undefined) return null;
  if (view.lock.state !== 'locked' || backend === undefined) {
    return (
      <section class="notice is-bad" aria-labelledby="down-title" data-testid="no-backend">
        <h2 id="down-title">
          <Icon name="warn" />
          {words.noBackend}
        </h2>
        <p>{words.noBackendText}</p>
        <p class="small">{blocked.error && textOf(blocked.error.message)}</p>
        <div class="actions">
          <button type="button" class="primary" onClick={() => doings.continue()}>
            {words.choiceRetry}
          </button>
        </div>
      </section>
    );
  }
  const isBack = availability?.some((report) => report.backend === backend && report.status === 'ready') === true;
  const made = view.assets.filter(({ url, state, imported }) => url !== null && state !== 'superseded' && !imported);
  return (
    <section class="notice is-bad" aria-labelledby="down-title" data-testid="locked-down">
      <h2 id="down-title">
        <Icon name="warn" />
        {words.lockedDown(nameOf(backend))}
      </h2>
      <p>{words.lockedDownText}</p>
      <div class="actions">
        <button type="button" class={isBack ? 'primary' : 'secondary'} onClick={() => doings.continue()}>
          {words.choiceRetry}
        </button>
        <button type="button" class="secondary" onClick={() => doings.continue('wait')} data-testid="choice-wait">
          {words.choiceWait(nameOf(backend))}
        </button>
        {restart !== undefined && (
          <button type="button" class="secondary" onClick={restart.ask} data-testid="choice-restart">
            {restart.label}
          </button>
        )}
        <button
          type="button"
          class="quiet"
          onClick={() =>
            doings.ask({
              title: confirm.release,
              text: made.length === 0 ? confirm.releaseFree : confirm.releaseText(composer.images(made.length)),
              confirm: session.release,
              onConfirm: () => doings.release(true),
            })
          }
        >
          {session.release}
        </button>
      </div>
      {restart === undefined && <p class="small">{words.noneLeft}</p>}
      <details class="reason">
        <summary>{words.reason}</summary>
        <p class="small">{blocked.error && textOf(blocked.error.message)}</p>
      </details>
    </section>
  );
}
