import type { JSX } from 'preact';
import type { SessionView, StoryEvent } from '../../src/shared/session-view.ts';
import type { Messages } from '../i18n/en.ts';
import { useBackendName, useMessages, useTexts } from '../i18n/use-messages.ts';
import { nameOfId } from '../lib/asset-name.ts';
import { useFormat } from '../lib/format.ts';

interface LockStoryProps {
  readonly view: SessionView;
  readonly story: readonly StoryEvent[];
}

/** How the session got its backend, and what happened since. Latest first. */
export function LockStory({ view, story }: LockStoryProps): JSX.Element {
  const messages = useMessages();
  const nameOf = useBackendName();
  const format = useFormat();
  const lines = story
    .map((event) => ({ event, words: wordsOf(event, view, messages, nameOf) }))
    .filter(({ words }) => words !== '')
    .reverse();
  return (
    <section class="panel story" aria-labelledby="story-title">
      <h2 id="story-title">{messages.lock.story}</h2>
      <p class="small">{lines.length === 0 ? messages.story.empty : messages.lock.storyHint}</p>
      <ol data-testid="story" tabIndex={0} aria-labelledby="story-title">
        {lines.map(({ event, words }) => (
          <li key={event.sequence} class={`story-${event.type}`} data-type={event.type}>
            <time dateTime={new Date(event.atMs).toISOString()}>{format.time(event.atMs)}</time>
            <div>
              <p>{words}</p>
              <Because event={event} messages={messages} />
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Because({ event, messages }: { readonly event: StoryEvent; readonly messages: Messages }): JSX.Element | null {
  const textOf = useTexts();
  const { reason, error, reasons = [] } = event.data;
  const kind = error === undefined ? undefined : messages.failure.kinds[error.kind];
  const lines = [
    ...(kind === undefined ? [] : [kind[0]]),
    ...(reason === undefined ? [] : [textOf(reason)]),
    ...reasons.map(textOf),
  ];
  if (lines.length === 0) return null;
  return <p class="small">{lines.join(' · ')}</p>;
}

/** Empty for events that the images already show. */
function wordsOf(
  { type, data }: StoryEvent,
  view: SessionView,
  messages: Messages,
  nameOf: (backend: string) => string,
): string {
  const { story: words, backends } = messages;
  const name = nameOfId(data.assetId ?? '', view, messages);
  const backend = nameOf(data.backend ?? view.lock.backend ?? '');
  if (type === 'probe') {
    const looks = (data.reports ?? []).map((report) =>
      words.look(nameOf(report.backend), backends.status[report.status] ?? report.status),
    );
    return words.probe(looks.join(messages.listSeparator));
  }
  if (type === 'progress') return data.state === 'accepted' ? words.accepted(name) : '';
  if (type === 'claim') return words.claim(backend);
  if (type === 'lock') return words.lock(backend);
  if (type === 'asset') return words.asset(name);
  if (type === 'superseded') return words.superseded(name);
  if (type === 'stale') return words.stale(name);
  if (type === 'gate') {
    if (data.status === 'passed') return words.gatePassed(name);
    return data.status === 'failed' ? words.gateFailed(name) : words.gate(name);
  }
  if (type === 'failure') return words.failure(name);
  if (type === 'waiting') return words.waiting(backend);
  if (type === 'restart') return words.restart(nameOf(data.from ?? ''), nameOf(data.to ?? ''));
  if (type === 'release') return words.release;
  return type === 'adopted' ? words.adopted : '';
}
