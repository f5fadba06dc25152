import { defineMessages } from '@holodeck/core/messages';
import type { Say } from '@holodeck/core/messages';

const texts = {
  'on-live': { en: 'Demo on the CONFIGURED SERVICES: images may cost money. The page shows an estimate before it sends anything.', zh: '演示使用已配置的真实服务：生成图片可能收费。发送之前页面会显示估价。' },
  'on-emulators': { en: 'Demo on EMULATORS of Hunyuan, OpenAI and ComfyUI: no key, no network, no cost. Its images say so.', zh: '演示使用混元、OpenAI 和 ComfyUI 的模拟器：不需要密钥和网络，不收费。图片上会注明。' },
  absent: { en: '{name} is not configured: {reason}', zh: '{name} 没有配置：{reason}' },
  kept: { en: 'Sessions are kept in {folder}. Ctrl-C ends it; open jobs go on when it starts again.', zh: '会话保存在 {folder}。按 Ctrl-C 结束；未完成的任务在下次启动时继续。' },
  'port-taken': { en: 'Port {port} is taken. Use --port 0, or another.', zh: '端口 {port} 已被占用。请用 --port 0，或换一个。' },
  'bad-port': { en: '--port {port} is not a port: use a whole number from 0 to 65535.', zh: '--port {port} 不是端口：请用 0 到 65535 的整数。' },
  'bad-language': { en: '--lang {language} is not known: use en or zh.', zh: '不支持 --lang {language}：请用 en 或 zh。' },
  unexpected: { en: 'Something unexpected went wrong in the demo server. Its terminal says more.', zh: '演示服务器发生了意外，终端里有更多信息。' },
  'no-file': { en: 'There is no such file.', zh: '没有这个文件。' },
  'no-session': { en: 'There is no such session.', zh: '没有这个会话。' },
  'no-image': { en: 'There is no such image in this session.', zh: '这个会话中没有这张图片。' },
  'no-service': { en: 'There is no such service.', zh: '没有这个服务。' },
  'no-address': { en: 'There is nothing at this address.', zh: '这个地址没有内容。' },
  running: { en: 'This is already running.', zh: '正在生成中。' },
  imported: { en: 'A picture of your own cannot be made again.', zh: '自备的图片不能重新生成。' },
  'may-pay-twice': { en: 'The last submission may have been paid for. Confirm to send it again.', zh: '上一次提交可能已经计费。请确认后再次发送。' },
  'no-other-backend': { en: 'No other backend is available now. Wait, or configure one.', zh: '目前没有其他可用的后端。请等待，或配置一个。' },
  'too-large': { en: 'This is larger than the demo accepts.', zh: '内容超过演示允许的大小。' },
  'not-json': { en: 'The body is not JSON.', zh: '请求内容不是 JSON。' },
  'too-many-watched': { en: 'The demo cannot watch that many scenes at once.', zh: '不能同时查看这么多场景。' },
  'request-not-object': { en: 'The request must be a JSON object.', zh: '请求必须是 JSON 对象。' },
  'not-object': { en: '`{name}` must be a JSON object.', zh: '`{name}` 必须是 JSON 对象。' },
  'not-array': { en: '`{name}` must be an array.', zh: '`{name}` 必须是数组。' },
  'too-many-objects': { en: 'At most {most} objects are allowed; there are {count}.', zh: '最多 {most} 个物体，现有 {count} 个。' },
  'bad-policy': { en: '`policy` must be "fail", "wait" or "restart".', zh: '`policy` 必须是 "fail"、"wait" 或 "restart"。' },
  'not-text': { en: '`{name}` must be text.', zh: '`{name}` 必须是文本。' },
  'not-unicode': { en: '`{name}` is not well-formed Unicode.', zh: '`{name}` 不是有效的 Unicode。' },
  'empty-text': { en: '`{name}` is empty.', zh: '`{name}` 为空。' },
  'long-text': { en: '`{name}` has {count} characters; at most {most} are allowed.', zh: '`{name}` 有 {count} 个字符，最多 {most} 个。' },
  'no-switch': { en: 'There is no switch "{name}".', zh: '没有开关 "{name}"。' },
  'bad-switch': { en: 'The switch "{name}" must be true or false.', zh: '开关 "{name}" 只能是 true 或 false。' },
  'wrong-host': { en: 'This server answers to 127.0.0.1 and localhost only.', zh: '本服务器只响应 127.0.0.1 和 localhost。' },
  'token-needed': { en: 'Open the address with the token that the terminal shows.', zh: '请使用终端显示的带令牌的地址。' },
  'foreign-origin': { en: 'Requests from other pages are refused.', zh: '拒绝来自其他页面的请求。' },
} as const;

/** What the demo says in its terminal and about a request. */
export const say: Say<typeof texts> = defineMessages('demo', texts);
