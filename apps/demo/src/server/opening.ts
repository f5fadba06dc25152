import type { CreateSession } from '../shared/demo-api.ts';
import { samples } from '../shared/samples.ts';

/** The sessions that a first start makes, by the language of the page that opens with them. */
export const openingIds = { en: 'opening-en', zh: 'opening-zh' } as const;

/** What they show. */
export function openingScenes(): readonly (CreateSession & { readonly sessionId: string })[] {
  return (['en', 'zh'] as const).flatMap((language) =>
    samples[language].slice(0, 1).map(({ text, style, objects }) => ({
      sessionId: openingIds[language],
      text,
      style,
      objects: objects.map(([name, description]) => ({ name, description })),
      policy: 'fail' as const,
    })),
  );
}
