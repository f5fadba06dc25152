import type { JSX } from 'preact';
import type { AvailabilityView, SessionView } from '../../src/shared/session-view.ts';
import { useBackendName, useMessages } from '../i18n/use-messages.ts';
import { sessionHash } from '../lib/use-route.ts';
import { Composer } from './composer.tsx';
import { Icon } from './icon.tsx';
import { StagePanel } from './stage-panel.tsx';

interface HomeProps {
  /** The scene to open with, once the server has sent it. */
  readonly opening: SessionView | undefined;
  readonly hasOpening: boolean;
  readonly availability: readonly AvailabilityView[] | undefined;
  readonly onCreated: (sessionId: string) => void;
  /** Opens the fault switches; undefined on live services. */
  readonly onBreak: (() => void) | undefined;
}

/** The first page: a finished scene to look at, and beside it the form for one's own. */
export function Home({ opening, hasOpening, availability, onCreated, onBreak }: HomeProps): JSX.Element {
  const { opening: words, composer, faults } = useMessages();
  const nameOf = useBackendName();
  const form = (
    <Composer title={hasOpening ? words.describe : composer.title} availability={availability} onCreated={onCreated} />
  );
  if (!hasOpening) return form;
  return (
    <div class="home">
      {opening === undefined ? (
        <div class="panel stage is-waiting" aria-busy="true" />
      ) : (
        <StagePanel key={opening.sessionId} view={opening} title={opening.text}>
          <a class="button secondary" href={sessionHash(opening.sessionId)}>
            <Icon name="cube" />
            {words.open}
          </a>
          {onBreak !== undefined && opening.lock.backend !== undefined && (
            <button type="button" class="secondary" onClick={onBreak}>
              <Icon name="bolt" />
              {faults.act(nameOf(opening.lock.backend))}
            </button>
          )}
        </StagePanel>
      )}
      {form}
    </div>
  );
}
