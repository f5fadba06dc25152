import { defineMessages } from '../messages/define-messages.ts';
import type { Say } from '../messages/define-messages.ts';

const texts = {
  'lane-paused': { en: 'the lane is paused after a refusal', zh: '被限流，暂停提交' },
  'rate-used-up': { en: "the account's rate is used up", zh: '账号的请求速率已用完' },
  'lane-full': { en: 'the account has reached its limit of running jobs', zh: '账号的同时任务数已满' },
  'lane-hold': { en: 'the place of a submission with an unknown outcome is held for as long as its job may run', zh: '有一次提交结果不明，在其任务可能运行的时间内保留其名额' },
  'failed-in-a-row': { en: '{backend} has failed {count} times in a row', zh: '{backend} 已连续失败 {count} 次' },
  outage: { en: '{backend} has failed again and again, so nothing is sent to it for a while. Check it with "doctor", then run the same command again.', zh: '{backend} 连续失败，暂时不再发送。请用 "doctor" 检查，然后再次运行同一条命令。' },
  'queue-timeout': { en: 'The task waited longer than {ms} ms for its turn[ (queueTimeoutMs)|]. Nothing was sent.', zh: '任务排队超过 {ms} 毫秒[（queueTimeoutMs）|]。没有发送请求。' },
  'stopped-waiting': { en: 'The task was stopped while it waited for its turn. Nothing was sent.', zh: '任务在排队时被停止。没有发送请求。' },
  'rate-value': { en: 'A rate must be a positive number of requests per second, not {value} ({type}).', zh: '速率必须是每秒请求数（正数），而不是 {value}（{type}）。' },
} as const;

/** Why a task waits for its turn or does not get one. */
export const say: Say<typeof texts> = defineMessages('core', texts);
