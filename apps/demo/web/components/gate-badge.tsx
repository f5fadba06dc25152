import type { JSX } from 'preact';
import type { GateView } from '../../src/shared/session-view.ts';
import { useMessages, useTexts } from '../i18n/use-messages.ts';
import { Icon } from './icon.tsx';

/** Whether a card shows one isolated object. */
export function GateBadge({ gate }: { readonly gate: GateView | null }): JSX.Element | null {
  const { gate: words } = useMessages();
  const textOf = useTexts();
  if (gate === null) return null;
  const hasPassed = gate.status === 'passed';
  return (
    <details class={`badge gate is-${gate.status}`}>
      <summary>
        <Icon name={hasPassed ? 'check' : 'warn'} />
        {words[gate.status]}
      </summary>
      <div class="small">
        <p>{hasPassed ? words.passedHint : words.failedHint}</p>
        {gate.reasons.length > 0 && (
          <ul>
            {gate.reasons.map((reason) => (
              <li key={reason.en}>{textOf(reason)}</li>
            ))}
          </ul>
        )}
      </div>
    </details>
  );
}
