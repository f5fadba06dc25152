import type { JSX } from 'preact';
import { languages, useMessages } from '../i18n/use-messages.ts';
import type { Language } from '../i18n/use-messages.ts';
import type { Theme } from '../lib/preferences.ts';
import { Icon } from './icon.tsx';

interface PageHeaderProps {
  readonly mode: 'emulators' | 'live' | undefined;
  readonly language: Language;
  readonly onLanguage: (language: Language) => void;
  readonly theme: Theme;
  readonly onTheme: (theme: Theme) => void;
  readonly faults: { readonly isOpen: boolean; readonly toggle: () => void } | undefined;
}

const themes: readonly Theme[] = ['system', 'light', 'dark'];

/** Name, mode, and what can be chosen for the page. */
export function PageHeader(props: PageHeaderProps): JSX.Element {
  const { mode, language, onLanguage, theme, onTheme, faults } = props;
  const messages = useMessages();
  return (
    <header class="page-header">
      <a class="brand" href="#/">
        <Icon name="stage" />
        <span>
          <strong>{messages.app.name}</strong>
          <small>{messages.app.tagline}</small>
        </span>
      </a>
      {mode !== undefined && <span class={`mode mode-${mode}`}>{messages.app[mode]}</span>}
      <div class="page-tools">
        {faults !== undefined && (
          <button
            type="button"
            class="quiet"
            aria-expanded={faults.isOpen}
            aria-controls="fault-panel"
            onClick={faults.toggle}
          >
            <Icon name="bolt" />
            <span class="tool-text">{messages.faults.open}</span>
          </button>
        )}
        <label class="compact-select">
          <span class="visually-hidden">{messages.app.language}</span>
          <Icon name="globe" />
          <select value={language} onChange={(event) => onLanguage(event.currentTarget.value as Language)}>
            {(Object.keys(languages) as Language[]).map((code) => (
              <option key={code} value={code}>
                {languages[code].languageName}
              </option>
            ))}
          </select>
        </label>
        <label class="compact-select">
          <span class="visually-hidden">{messages.app.theme}</span>
          <Icon name={theme === 'dark' ? 'moon' : 'sun'} />
          <select value={theme} onChange={(event) => onTheme(event.currentTarget.value as Theme)}>
            {themes.map((name) => (
              <option key={name} value={name}>
                {messages.app.themes[name]}
              </option>
            ))}
          </select>
        </label>
      </div>
    </header>
  );
}
