import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { DemoConfig } from '../../src/shared/demo-api.ts';
import type { Texts } from '../../src/shared/session-view.ts';
import { en } from './en.ts';
import type { Messages } from './en.ts';
import { zh } from './zh.ts';

export type Language = 'en' | 'zh';

/** By the code in `<html lang>`. */
export const languages: Readonly<Record<Language, Messages>> = { en, zh };

export const LanguageContext = createContext<Language>('en');

/** The page's words in the chosen language. */
export function useMessages(): Messages {
  return languages[useContext(LanguageContext)];
}

/** Picks the chosen language of what the server says. */
export function useTexts(): (texts: Texts) => string {
  const language = useContext(LanguageContext);
  return (texts) => texts[language];
}

/** The language that the browser prefers. */
export function preferredLanguage(): Language {
  return navigator.languages.some((tag) => tag.toLowerCase().startsWith('zh')) && !(navigator.languages[0] ?? '').toLowerCase().startsWith('en') ? 'zh' : 'en';
}

/** For `Intl`. */
export function localeOf(language: Language): string {
  return language === 'zh' ? 'zh-CN' : 'en-GB';
}

/** Labels of backends by name; empty until the server sends them. */
export const LabelsContext = createContext<DemoConfig['labels']>({});

/** The label of a backend. */
export function useBackendName(): (backend: string) => string {
  const language = useContext(LanguageContext);
  const labels = useContext(LabelsContext);
  return (backend) => labels[backend]?.[language] ?? backend;
}
