import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { switchNames } from '../../src/shared/demo-api.ts';
import type { FaultPanelState, ServiceLedger, ServiceSwitches } from '../../src/shared/demo-api.ts';
import type { SessionView, StoryEvent } from '../../src/shared/session-view.ts';
import { useBackendName, useMessages } from '../i18n/use-messages.ts';
import { switchFaults } from '../lib/api-client.ts';
import { GuidedSteps } from './guided-steps.tsx';
import { Icon } from './icon.tsx';

interface FaultPanelProps {
  readonly state: FaultPanelState;
  /** The scene on screen. */
  readonly view: SessionView | undefined;
  readonly story: readonly StoryEvent[];
  readonly onClose: () => void;
}

/** A drawer to break the emulated services while they run. */
export function FaultPanel({ state, view, story, onClose }: FaultPanelProps): JSX.Element {
  const messages = useMessages();
  const { faults } = messages;
  const nameOf = useBackendName();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);
  return (
    <aside
      ref={panel}
      class="fault-panel"
      id="fault-panel"
      tabIndex={-1}
      aria-labelledby="faults-title"
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <div class="dialog-head">
        <h2 id="faults-title">{faults.act(nameOf(view?.lock.backend ?? Object.keys(state)[0] ?? ''))}</h2>
        <button type="button" class="quiet icon-only" aria-label={messages.app.close} onClick={onClose}>
          <Icon name="cross" />
        </button>
      </div>
      <p class="small">{faults.hint}</p>
      {view === undefined ? (
        <p class="small">{faults.needsScene}</p>
      ) : (
        <GuidedSteps faults={state} view={view} story={story} />
      )}
      <h3>{faults.title}</h3>
      {Object.entries(state).map(([backend, service]) => (
        <ServiceFaults key={backend} backend={backend} {...service} />
      ))}
    </aside>
  );
}

function ServiceFaults({
  backend,
  switches,
  ledger,
}: {
  readonly backend: string;
  readonly switches: ServiceSwitches;
  readonly ledger: ServiceLedger;
}): JSX.Element {
  const { faults } = useMessages();
  const nameOf = useBackendName();
  // Switches set here that the server has not confirmed yet: older events must not reset them.
  const [wishes, setWishes] = useState<Partial<ServiceSwitches>>({});
  useEffect(() => {
    setWishes((before) =>
      Object.fromEntries(Object.entries(before).filter(([name, on]) => !isTold(switches, name, on))),
    );
  }, [switches]);
  const figures = (Object.keys(faults.ledger) as (keyof ServiceLedger)[]).filter((figure) => ledger[figure] > 0);
  return (
    <fieldset class="faults">
      <legend>{nameOf(backend)}</legend>
      {switchNames.map((name) => {
        const words = faults.switches[name];
        const label = words[backend] ?? words['default'] ?? name;
        return (
          <label key={name} class="switch">
            <input
              type="checkbox"
              role="switch"
              checked={wishes[name] ?? switches[name]}
              aria-label={faults.of(label, nameOf(backend))}
              data-testid={`fault-${backend}-${name}`}
              onChange={(event) => {
                const wish = { [name]: event.currentTarget.checked };
                setWishes((before) => ({ ...before, ...wish }));
                switchFaults(backend, wish).catch(() => setWishes({}));
              }}
            />
            <span>{label}</span>
          </label>
        );
      })}
      {figures.length > 0 && (
        <dl class="ledger">
          {figures.map((figure) => (
            <div key={figure}>
              <dt>{faults.ledger[figure]}</dt>
              <dd>{ledger[figure]}</dd>
            </div>
          ))}
        </dl>
      )}
    </fieldset>
  );
}

function isTold(switches: ServiceSwitches, name: string, on: boolean): boolean {
  return switches[name as keyof ServiceSwitches] === on;
}
