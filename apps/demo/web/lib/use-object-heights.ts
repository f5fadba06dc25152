import { useEffect, useState } from 'preact/hooks';
import type { AssetView } from '../../src/shared/session-view.ts';
import { findObjects } from './api-client.ts';

/** The usual heights of cards, by id, once the server's table has been asked: undefined until then. */
export function useObjectHeights(cards: readonly AssetView[]): ReadonlyMap<string, number> | undefined {
  const [heights, setHeights] = useState<ReadonlyMap<string, number>>();
  const key = JSON.stringify(cards.map(({ id, name, description }) => [id, name, description]));
  useEffect(() => {
    let isGone = false;
    const names = cards.map(({ name }) => name);
    void findObjects(cards.map(({ name, description }) => `${name}: ${description}`))
      .then((found) =>
        found.flatMap((objects, index): [string, number][] => {
          // The head of an English or Chinese noun is its last word.
          const object = objects.findLast(({ end }) => end <= (names[index]?.length ?? 0)) ?? objects[0];
          return object === undefined ? [] : [[cards[index]?.id ?? '', object.heightMeters]];
        }),
      )
      // Without the table all things have the same size.
      .catch(() => [])
      .then((entries) => {
        if (!isGone) setHeights(new Map(entries));
      });
    return () => {
      isGone = true;
    };
  }, [key]);
  return heights;
}
