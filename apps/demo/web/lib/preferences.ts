import { useEffect, useState } from 'preact/hooks';
import { localeOf, preferredLanguage } from '../i18n/use-messages.ts';
import type { Language } from '../i18n/use-messages.ts';

export type Theme = 'system' | 'light' | 'dark';

const languageKey = 'holodeck-language';
const themeKey = 'holodeck-theme';

/** The chosen language, kept in the browser; first the one that the browser prefers. */
export function useLanguage(): readonly [Language, (language: Language) => void] {
  const [language, setLanguage] = useState<Language>(() => {
    const kept = recall(languageKey);
    return kept === 'en' || kept === 'zh' ? kept : preferredLanguage();
  });
  useEffect(() => {
    document.documentElement.lang = localeOf(language);
  }, [language]);
  return [language, (next) => remember(languageKey, next, setLanguage)];
}

/** The chosen colours, kept in the browser; first the system's. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(() => {
    const kept = recall(themeKey);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  });
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  return [theme, (next) => remember(themeKey, next, setTheme)];
}

/** Storage may be forbidden; then the choice lasts as long as the page. */
function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember<Value extends string>(key: string, value: Value, set: (value: Value) => void): void {
  set(value);
  try {
    localStorage.setItem(key, value);
  } catch {
    // As above.
  }
}
