import { defineMessages } from '@holodeck/core/messages';
import type { Say } from '@holodeck/core/messages';

const texts = {
  'judge-url': { en: 'The address of the judge is not a URL of http or https. Set HOLODECK_JUDGE_URL to the base of a chat endpoint, such as https://api.openai.com/v1.', zh: '评审的地址不是 http 或 https 的 URL。请把 HOLODECK_JUDGE_URL 设为聊天接口的基础地址，例如 https://api.openai.com/v1。' },
  'judge-url-password': { en: 'The address of the judge has a password in it. Put the key into HOLODECK_JUDGE_KEY.', zh: '评审的地址中含有密码。请把密钥放在 HOLODECK_JUDGE_KEY 中。' },
  'judge-model': { en: 'HOLODECK_JUDGE_URL is set, but no model. Set HOLODECK_JUDGE_MODEL to one that sees pictures, or unset the URL to judge nothing.', zh: '已设置 HOLODECK_JUDGE_URL，但没有模型。请把 HOLODECK_JUDGE_MODEL 设为能看图的模型；不需要评审时请取消该地址。' },
  'judge-unreachable': { en: 'The judge at {host} cannot be reached, or broke off.', zh: '无法连接 {host} 的评审，或连接中断。' },
  'judge-slow': { en: 'The judge at {host} did not answer in time.', zh: '{host} 的评审没有及时回答。' },
  'judge-status': { en: 'The judge answered with status {status}. Check its URL, model and key.', zh: '评审返回状态 {status}。请检查地址、模型和密钥。' },
  'judge-large': { en: 'The answer of the judge has more than {most} bytes, so it was not read.', zh: '评审的回答超过 {most} 字节，因此没有读取。' },
} as const;

/** What is wrong with a judge. */
export const say: Say<typeof texts> = defineMessages('hybrid', texts);
