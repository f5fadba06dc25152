import type { JSX } from 'preact';
import type { SessionSummary } from '../../src/shared/session-view.ts';
import { useBackendName, useMessages } from '../i18n/use-messages.ts';
import { useFormat } from '../lib/format.ts';
import { sessionHash } from '../lib/use-route.ts';
import { Icon } from './icon.tsx';

interface SessionListProps {
  readonly sessions: readonly SessionSummary[] | undefined;
  readonly current: string | undefined;
}

/** All scenes, the latest first. */
export function SessionList({ sessions, current }: SessionListProps): JSX.Element {
  const { sessions: words } = useMessages();
  return (
    <nav aria-label={words.title}>
      <a class="button new-scene" href="#/" aria-current={current === undefined ? 'page' : undefined}>
        <Icon name="plus" />
        {words.create}
      </a>
      {sessions?.length === 0 && <p class="small rail-empty">{words.empty}</p>}
      <ul class="session-list">
        {(sessions ?? []).map((summary) => (
          <SessionLine key={summary.sessionId} summary={summary} isCurrent={summary.sessionId === current} />
        ))}
      </ul>
    </nav>
  );
}

function SessionLine({
  summary,
  isCurrent,
}: {
  readonly summary: SessionSummary;
  readonly isCurrent: boolean;
}): JSX.Element {
  const { sessions: words } = useMessages();
  const nameOf = useBackendName();
  const format = useFormat();
  const { sessionId, text, thumbnailUrl, made, total, running, backend, createdAtMs } = summary;
  return (
    <li>
      <a href={sessionHash(sessionId)} aria-current={isCurrent ? 'page' : undefined} data-testid="session-line">
        {thumbnailUrl === null ? (
          <span class="thumbnail" aria-hidden="true" />
        ) : (
          <img class="thumbnail" src={thumbnailUrl} alt="" loading="lazy" />
        )}
        <span class="session-words">
          <span class="session-title">{text === '' ? words.untitled : text}</span>
          <span class="small">
            {backend === null ? '' : `${nameOf(backend)} · `}
            {running ? `${words.running} · ` : ''}
            {words.made(made, total)}
          </span>
          <span class="small session-date">{format.dateTime(createdAtMs)}</span>
        </span>
      </a>
    </li>
  );
}
