import type { JSX } from 'preact';
import type { SessionView } from '../../src/shared/session-view.ts';
import { useBackendName, useMessages } from '../i18n/use-messages.ts';
import { useFormat } from '../lib/format.ts';

/** What the session has cost, and what the rest would cost. */
export function CostPanel({
  view,
  isEmulated,
}: {
  readonly view: SessionView;
  readonly isEmulated: boolean;
}): JSX.Element | null {
  const { cost: words, composer } = useMessages();
  const nameOf = useBackendName();
  const format = useFormat();
  const { estimate, spent } = view;
  if (spent.length === 0 && estimate.images === 0) return null;
  return (
    <section class="panel cost" aria-labelledby="cost-title" data-testid="cost">
      <h2 id="cost-title">{words.title}</h2>
      <dl class="facts">
        {spent.length > 0 && (
          <div>
            <dt>{words.spent}</dt>
            <dd>
              {spent.map((money) => (
                <p key={money.currency}>{format.money(money)}</p>
              ))}
            </dd>
          </div>
        )}
        {estimate.images > 0 && (
          <div>
            <dt>{words.toCome}</dt>
            <dd>
              {words.about(format.money(estimate))}
              {estimate.backend !== undefined && ` · ${composer.on(nameOf(estimate.backend))}`}
            </dd>
          </div>
        )}
      </dl>
      {isEmulated && <p class="small">{words.emulated}</p>}
    </section>
  );
}
