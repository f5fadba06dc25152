import type { JSX } from 'preact';
import type { FaultPanelState } from '../../src/shared/demo-api.ts';
import type { SessionView, StoryEvent } from '../../src/shared/session-view.ts';
import { useBackendName, useMessages } from '../i18n/use-messages.ts';
import { act, switchFaults } from '../lib/api-client.ts';
import { isBlocked } from '../lib/is-blocked.ts';
import { sessionHash } from '../lib/use-route.ts';
import { Icon } from './icon.tsx';

interface GuidedStepsProps {
  readonly faults: FaultPanelState;
  readonly view: SessionView;
  readonly story: readonly StoryEvent[];
}

/** Three steps that break the backend of a scene and mend it. What has been done is read from the session itself. */
export function GuidedSteps({ faults, view, story }: GuidedStepsProps): JSX.Element | null {
  const { faults: words } = useMessages();
  const nameOf = useBackendName();
  const { sessionId, assets, lock } = view;
  const { backend } = lock;
  const service = backend === undefined ? undefined : faults[backend];
  const lastFailure = story.findLastIndex(({ type, data }) => type === 'failure' && data.error?.kind === 'unavailable');
  const card = assets.find(({ kind, url, imported }) => kind === 'card' && url !== null && !imported);
  if (backend === undefined || service === undefined || (card === undefined && lastFailure === -1)) {
    return <p class="small">{words.needsScene}</p>;
  }
  const { down: isDown } = service.switches;
  const hasFailed = lastFailure !== -1;
  const isWhole = !view.running && assets.every(({ state }) => state === 'current' || state === 'superseded');
  const isHeld = assets.some(isBlocked);
  const name = nameOf(backend);
  const breakIt = async (): Promise<void> => {
    location.hash = sessionHash(sessionId);
    await switchFaults(backend, { down: true });
  };
  const mendIt = async (): Promise<void> => {
    await switchFaults(backend, { down: false });
    await act(sessionId, 'continue', {});
  };
  const steps = [
    { text: words.steps.break(name), isDone: isDown || hasFailed, isNext: !isDown && !isHeld, run: breakIt },
    {
      text: words.steps.ask,
      isDone: hasFailed,
      isNext: isDown && !isHeld && !view.running && card !== undefined,
      run: () => act(sessionId, 'retry', { assetId: card?.id ?? '' }),
    },
    { text: words.steps.mend(name), isDone: hasFailed && isWhole, isNext: isHeld && !view.running, run: mendIt },
  ];
  return (
    <ol class="guided">
      {steps.map(({ text: [title, about], isDone, isNext, run }, index) => (
        <li key={index} class={isDone ? 'is-done' : ''} data-testid={`step-${index + 1}`} data-done={isDone}>
          <button
            type="button"
            class={isNext ? 'primary' : 'secondary'}
            disabled={!isNext}
            onClick={() => void run().catch(() => undefined)}
          >
            <Icon name={isDone ? 'check' : 'bolt'} />
            {title}
          </button>
          <p class="small">{about}</p>
        </li>
      ))}
    </ol>
  );
}
