import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { navigation } from './navigation.ts';
import { anchorOf, bilingual, readPages, root, twinOf } from './pages.ts';

type Language = 'en' | 'zh';

const pages = readPages();

/** The first heading of a page; of one in both languages, its half. */
function titleOf(file: string, language: Language): string {
  const [, title = file] = /^# (.+)$/m.exec(readFileSync(join(root, file), 'utf8')) ?? [];
  const [, en = '', zh = ''] = (bilingual.includes(file) && /^(.+?) (\p{Script=Han}.*)$/u.exec(title)) || [];
  return ({ en, zh }[language] || title).replaceAll('`', '');
}

function sidebar(language: Language): readonly object[] {
  return navigation.map((section, index) => ({
    text: section[language],
    collapsed: index > 1,
    items: section.pages.map((english) => {
      const file = language === 'zh' ? (twinOf(english) ?? english) : english;
      const found = pages.filter((page) => page.file === file);
      const page = found.find(({ path }) => path.startsWith('zh/') === (language === 'zh')) ?? found[0];
      if (page === undefined || !existsSync(join(root, file)))
        throw new Error(`The navigation names ${file}, which does not exist.`);
      return { text: titleOf(file, language), link: `/${page.path.replace(/(?:index)?\.md$/, '')}` };
    }),
  }));
}

/** What the site says around the pages. */
const words = {
  en: {
    api: 'API',
    search: { buttonText: 'Search' },
    outline: 'On this page',
    previous: 'Previous',
    next: 'Next',
    menu: 'Menu',
  },
  zh: {
    api: 'API',
    search: { buttonText: '搜索' },
    outline: '本页内容',
    previous: '上一篇',
    next: '下一篇',
    menu: '目录',
  },
};

function theme(language: Language): object {
  const { api, outline, previous, next, menu } = words[language];
  return {
    // The API reference is HTML of its own.
    nav: [{ text: api, link: '/api/index.html', target: '_self' }],
    sidebar: sidebar(language),
    outline: { label: outline, level: [2, 3] },
    docFooter: { prev: previous, next },
    sidebarMenuLabel: menu,
  };
}

/** Words for the search. A space does not divide Chinese. Runs in the browser too, so it stands alone. */
function tokenize(text: string): string[] {
  const segments = new Intl.Segmenter('zh', { granularity: 'word' }).segment(text);
  return [...segments].filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment.toLowerCase());
}

/** The configuration of VitePress. Dead links fail the build, which is its default. */
export const config: object = {
  title: 'holodeck-image',
  description: 'Scenes and object cards from Tencent Hunyuan, OpenAI Images and ComfyUI.',
  cleanUrls: false,
  markdown: { anchor: { slugify: anchorOf } },
  locales: {
    root: { label: 'English', lang: 'en', themeConfig: theme('en') },
    zh: { label: '简体中文', lang: 'zh-CN', themeConfig: theme('zh') },
  },
  themeConfig: {
    search: {
      provider: 'local',
      options: {
        locales: { zh: { translations: { button: words.zh.search } } },
        miniSearch: { options: { tokenize } },
      },
    },
  },
};
