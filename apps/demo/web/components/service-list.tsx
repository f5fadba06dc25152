import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AvailabilityView } from '../../src/shared/session-view.ts';
import { useBackendName, useMessages, useTexts } from '../i18n/use-messages.ts';
import { checkAvailability } from '../lib/api-client.ts';
import { useFormat } from '../lib/format.ts';
import { Icon } from './icon.tsx';

interface ServiceListProps {
  readonly availability: readonly AvailabilityView[] | undefined;
  readonly lockedTo: string | undefined;
}

/** The backends in order of priority: whether each can be used, and why not. */
export function ServiceList({ availability, lockedTo }: ServiceListProps): JSX.Element {
  const messages = useMessages();
  const [isChecking, setIsChecking] = useState(false);
  const check = (): void => {
    setIsChecking(true);
    checkAvailability()
      .catch(() => undefined)
      .finally(() => setIsChecking(false));
  };
  return (
    <section class="services" aria-labelledby="services-title">
      <h2 id="services-title" class="visually-hidden">
        {messages.backends.title}
      </h2>
      <ul>
        {(availability ?? []).map((report) => (
          <Service key={report.backend} report={report} isLocked={report.backend === lockedTo} />
        ))}
      </ul>
      <button type="button" class="quiet" onClick={check} disabled={isChecking}>
        <Icon name="again" />
        {isChecking ? messages.backends.checking : messages.backends.checkAgain}
      </button>
    </section>
  );
}

function Service({ report, isLocked }: { readonly report: AvailabilityView; readonly isLocked: boolean }): JSX.Element {
  const messages = useMessages();
  const nameOf = useBackendName();
  const format = useFormat();
  const textOf = useTexts();
  const { backend, model, status, message, remedy, doesNotProve, checkedAtMs } = report;
  return (
    <li>
      <details class={`service is-${status}`} name="service">
        <summary data-testid={`service-${backend}`} data-status={status}>
          <span class="dot" aria-hidden="true" />
          <strong>{nameOf(backend)}</strong>
          <span class="service-status">{messages.backends.status[status]}</span>
          {isLocked && <Icon name="lock" />}
        </summary>
        <div class="service-more">
          <p>{textOf(message)}</p>
          {remedy !== undefined && (
            <p>
              <strong>{messages.backends.remedy}</strong> {textOf(remedy)}
            </p>
          )}
          {doesNotProve.length > 0 && status === 'ready' && (
            <p>
              <strong>{messages.backends.notProved}</strong> {doesNotProve.map(textOf).join(' ')}
            </p>
          )}
          <p class="small">
            {model !== '' && <code>{model}</code>}{' '}
            {checkedAtMs > 0 && messages.backends.checkedAt(format.time(checkedAtMs))}
          </p>
          <p class="small">{messages.backends.order}</p>
        </div>
      </details>
    </li>
  );
}
