import { useEffect, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type { DemoConfig } from '../src/shared/demo-api.ts';
import type { StoryEvent } from '../src/shared/session-view.ts';
import { Announcer } from './components/announcer.tsx';
import { FaultPanel } from './components/fault-panel.tsx';
import { Home } from './components/home.tsx';
import { PageHeader } from './components/page-header.tsx';
import { ServiceList } from './components/service-list.tsx';
import { SessionList } from './components/session-list.tsx';
import { SessionPage } from './components/session-page.tsx';
import { LabelsContext, languages, LanguageContext } from './i18n/use-messages.ts';
import { getConfig } from './lib/api-client.ts';
import { useLanguage, useTheme } from './lib/preferences.ts';
import { useFeed } from './lib/use-feed.ts';
import { useRoute } from './lib/use-route.ts';

const noLabels: DemoConfig['labels'] = {};
const noStory: readonly StoryEvent[] = [];

/** The whole page. */
export function App(): JSX.Element {
  const [language, setLanguage] = useLanguage();
  const [theme, setTheme] = useTheme();
  const [sessionId, open] = useRoute();
  const [config, setConfig] = useState<DemoConfig>();
  const [showsFaults, setShowsFaults] = useState(false);
  const openingId = config?.opening[language];
  const feed = useFeed(sessionId ?? openingId);
  const messages = languages[language];
  const isKnown = feed.sessions?.some((summary) => summary.sessionId === sessionId);
  useEffect(() => {
    const load = (): void => {
      getConfig().then(setConfig, () => undefined);
    };
    if (feed.isConnected && config === undefined) load();
  }, [feed.isConnected, config]);
  useEffect(() => {
    const title = sessionId === undefined ? '' : (feed.view?.text ?? '');
    document.title =
      title === '' ? messages.app.name : `${Array.from(title).slice(0, 40).join('')} · ${messages.app.name}`;
  }, [sessionId, feed.view?.text, messages]);
  const hasFaults = feed.faults !== undefined;
  const toggleFaults = (): void => setShowsFaults((shows) => !shows);
  const opening = sessionId === undefined && feed.view?.sessionId === openingId ? feed.view : undefined;
  return (
    <LanguageContext.Provider value={language}>
      <LabelsContext.Provider value={config?.labels ?? noLabels}>
        <a class="skip-link" href="#content" onClick={skipToContent}>
          {messages.app.skip}
        </a>
        <PageHeader
          mode={config?.mode}
          language={language}
          onLanguage={setLanguage}
          theme={theme}
          onTheme={setTheme}
          faults={hasFaults ? { isOpen: showsFaults, toggle: toggleFaults } : undefined}
        />
        {!feed.isConnected && (
          <p class="offline" role="status">
            {messages.app.offline}
          </p>
        )}
        <div class={`layout${sessionId === undefined ? ' is-home' : ''}`}>
          <aside class="rail" aria-label={messages.sessions.title}>
            <SessionList sessions={feed.sessions} current={sessionId} />
          </aside>
          <main id="content" tabIndex={-1}>
            <ServiceList availability={feed.availability} lockedTo={sessionId && feed.view?.lock.backend} />
            {sessionId === undefined ? (
              <Home
                opening={opening}
                hasOpening={openingId !== undefined}
                availability={feed.availability}
                onCreated={open}
                onBreak={hasFaults ? () => setShowsFaults(true) : undefined}
              />
            ) : feed.view === undefined || feed.view.sessionId !== sessionId ? (
              feed.sessions !== undefined && isKnown === false ? (
                <p class="panel note">{messages.app.notFound}</p>
              ) : (
                <div class="panel loading" aria-busy="true" />
              )
            ) : (
              <SessionPage
                key={sessionId}
                view={feed.view}
                story={feed.story}
                availability={feed.availability}
                isEmulated={config?.mode === 'emulators'}
                onBreak={hasFaults ? () => setShowsFaults(true) : undefined}
              />
            )}
          </main>
          {feed.faults !== undefined && showsFaults && (
            <FaultPanel state={feed.faults} view={feed.view} story={feed.story} onClose={() => setShowsFaults(false)} />
          )}
        </div>
        <Announcer
          view={sessionId === undefined ? undefined : feed.view}
          story={sessionId === undefined ? noStory : feed.story}
        />
      </LabelsContext.Provider>
    </LanguageContext.Provider>
  );
}

/** The fragment belongs to the route, so the link moves the focus itself. */
function skipToContent(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#content')?.focus();
}
