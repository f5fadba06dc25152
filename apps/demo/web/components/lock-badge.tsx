import type { JSX } from 'preact';
import type { LockView } from '../../src/shared/session-view.ts';
import { useBackendName, useMessages } from '../i18n/use-messages.ts';
import { Icon } from './icon.tsx';

/** Where the session's images come from. */
export function LockBadge({ lock }: { readonly lock: LockView }): JSX.Element {
  const { lock: words } = useMessages();
  const nameOf = useBackendName();
  const backend = nameOf(lock.backend ?? '');
  const [title, hint] = {
    free: [words.free, words.freeHint],
    claimed: [words.claimed(backend), words.claimedHint],
    locked: [words.locked(backend), words.lockedHint],
  }[lock.state] as [string, string];
  return (
    <div class={`lock-badge is-${lock.state}`} data-testid="lock" data-state={lock.state} data-backend={lock.backend}>
      <Icon name={lock.state === 'locked' ? 'lock' : 'unlock'} />
      <div>
        <strong>{title}</strong>
        <small>{hint}</small>
        {lock.model !== undefined && (
          <small>
            <code>{lock.model}</code>
            {lock.epoch > 1 && ` · ${words.epoch(lock.epoch)}`}
          </small>
        )}
      </div>
    </div>
  );
}
