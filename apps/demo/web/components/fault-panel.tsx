import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { switchNames } from '../../src/shared/demo-api.ts';
import type { FaultPanelState, ServiceLedger, ServiceSwitches } from '../../src/shared/demo-api.ts';
import { useBackendName, useMessages } from '../i18n/use-messages.ts';
import { switchFaults } from '../lib/api-client.ts';
import { Icon } from './icon.tsx';

interface FaultPanelProps {
  readonly state: FaultPanelState;
  readonly onClose: () => void;
}

/** Breaks the emulated services while they run. */
export function FaultPanel({ state, onClose }: FaultPanelProps): JSX.Element {
  const messages = useMessages();
  const { faults } = messages;
  return (
    <aside class="fault-panel" id="fault-panel" aria-labelledby="faults-title">
      <div class="dialog-head">
        <h2 id="faults-title">{faults.title}</h2>
        <button type="button" class="quiet icon-only" aria-label={messages.app.close} onClick={onClose}>
          <Icon name="cross" />
        </button>
      </div>
      <p class="small">{faults.hint}</p>
      {Object.entries(state).map(([backend, service]) => (
        <ServiceFaults key={backend} backend={backend} {...service} />
      ))}
      <h3>{faults.try}</h3>
      <ol class="recipes small">
        {faults.recipes.map((recipe) => (
          <li key={recipe}>{recipe}</li>
        ))}
      </ol>
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
      <dl class="ledger">
        {(Object.keys(faults.ledger) as (keyof ServiceLedger)[]).map((figure) => (
          <div key={figure}>
            <dt>{faults.ledger[figure]}</dt>
            <dd>{ledger[figure]}</dd>
          </div>
        ))}
      </dl>
    </fieldset>
  );
}

function isTold(switches: ServiceSwitches, name: string, on: boolean): boolean {
  return switches[name as keyof ServiceSwitches] === on;
}
