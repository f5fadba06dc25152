import { useEffect, useState } from 'preact/hooks';

/** The session in the address; undefined on the page for a new scene. */
export function useRoute(): readonly [string | undefined, (sessionId: string | undefined) => void] {
  const [sessionId, setSessionId] = useState(readRoute);
  useEffect(() => {
    const follow = (): void => setSessionId(readRoute());
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return [
    sessionId,
    (next) => {
      location.hash = next === undefined ? '#/' : sessionHash(next);
    },
  ];
}

/** The address of a session's page. */
export function sessionHash(sessionId: string): string {
  return `#/scene/${encodeURIComponent(sessionId)}`;
}

function readRoute(): string | undefined {
  const found = /^#\/scene\/(.+)$/.exec(location.hash)?.[1];
  if (found === undefined) return undefined;
  try {
    return decodeURIComponent(found);
  } catch {
    return undefined;
  }
}
