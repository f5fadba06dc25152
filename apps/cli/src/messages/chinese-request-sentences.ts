import type { Sentence } from './translate.ts';

/** What the packages say of sessions. */
export const chineseRequestSentences: readonly Sentence[] = [
  // Sessions.
  [
    'The session id {} has characters other than letters, digits, "-", "_" and inner dots.',
    '会话 id {1} 含有字母、数字、“-”、“_”和中间的点以外的字符。',
  ],
];
