import type { JSX } from 'preact';
import type { FailureView } from '../../src/shared/session-view.ts';
import { useMessages, useTexts } from '../i18n/use-messages.ts';

/** What went wrong, where the money stands, and what to do. */
export function FailureNote({ error }: { readonly error: FailureView }): JSX.Element {
  const { failure: words } = useMessages();
  const textOf = useTexts();
  const [title, advice] = words.kinds[error.kind] ?? words.kinds['internal'] ?? ['', ''];
  return (
    <div class="failure" data-testid="failure" data-kind={error.kind} data-outcome={error.outcome}>
      <p>
        <strong>{title}.</strong> {advice}
      </p>
      <p class="small">{words.outcomes[error.outcome]}</p>
      <details class="reason">
        <summary>{words.reason}</summary>
        <p class="small">
          {textOf(error.message)} {error.code !== undefined && <code>{error.code}</code>}
        </p>
      </details>
    </div>
  );
}
