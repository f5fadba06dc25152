import { useEffect, useState } from 'preact/hooks';
import type { NamedObject, ObjectInput } from '../../src/shared/demo-api.ts';
import { findObjects } from './api-client.ts';

/** Typing pauses for so long before the server is asked. */
const pauseMs = 250;

/** The words for things in a text that are not among the objects yet. */
export function useSuggestions(text: string, objects: readonly ObjectInput[]): readonly string[] {
  const [found, setFound] = useState<readonly NamedObject[]>([]);
  useEffect(() => {
    let isGone = false;
    const timer = setTimeout(() => {
      if (text.trim() === '') setFound([]);
      else
        findObjects([text])
          .then(([named = []]) => !isGone && setFound(named))
          .catch(() => undefined);
    }, pauseMs);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [text]);
  const names = objects.map(({ name }) => name.toLowerCase());
  const firsts = new Map(found.map(({ picture, word }) => [picture, word]));
  return [...firsts.values()].filter((word) => names.every((name) => !name.includes(word)));
}
