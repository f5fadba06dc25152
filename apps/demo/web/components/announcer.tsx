import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { SessionView, StoryEvent } from '../../src/shared/session-view.ts';
import type { Messages } from '../i18n/en.ts';
import { useBackendName, useMessages } from '../i18n/use-messages.ts';
import { nameOfId } from '../lib/asset-name.ts';

interface AnnouncerProps {
  readonly view: SessionView | undefined;
  readonly story: readonly StoryEvent[];
}

/** Announces new events to screen readers; earlier ones are on the page. */
export function Announcer({ view, story }: AnnouncerProps): JSX.Element {
  const messages = useMessages();
  const nameOf = useBackendName();
  const [words, setWords] = useState('');
  const openedAt = useRef(Date.now());
  const announced = useRef({ sessionId: '', sequences: new Set<number>() });
  useEffect(() => {
    const sessionId = view?.sessionId ?? '';
    if (announced.current.sessionId !== sessionId) announced.current = { sessionId, sequences: new Set() };
    const { sequences } = announced.current;
    const fresh = story.filter(({ sequence, atMs }) => !sequences.has(sequence) && atMs > openedAt.current);
    for (const { sequence } of fresh) sequences.add(sequence);
    const sentences = fresh.map((event) => sentenceOf(event, view, messages, nameOf)).filter((line) => line !== '');
    if (sentences.length === 0) return;
    setWords(sentences.join(' '));
  }, [story, view, messages]);
  const wasRunning = useRef(false);
  useEffect(() => {
    const hasEnded = wasRunning.current && view?.running === false;
    wasRunning.current = view?.running === true;
    const isWhole = view?.assets.every(({ state }) => state === 'current' || state === 'superseded') === true;
    if (hasEnded && isWhole) setWords(messages.live.finished);
  }, [view, messages]);
  return (
    <p class="visually-hidden" role="status" aria-live="polite" data-testid="announcer">
      {words}
    </p>
  );
}

function sentenceOf(
  { type, data }: StoryEvent,
  view: SessionView | undefined,
  { live, ...messages }: Messages,
  nameOf: (backend: string) => string,
): string {
  const name = nameOfId(data.assetId ?? '', view, { live, ...messages });
  if (type === 'asset') return live.landed(name);
  if (type === 'failure') return live.failed(name);
  if (type === 'lock') return live.locked(nameOf(data.backend ?? ''));
  return '';
}
