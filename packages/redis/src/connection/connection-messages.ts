import { defineMessages } from '@holodeck/core/backend';
import type { Say } from '@holodeck/core/backend';

const texts = {
  'url-or-client': { en: 'Give exactly one of url (redis://host:6379/0) and client (an ioredis client).', zh: '请在 url（redis://host:6379/0）和 client（ioredis 客户端）中给出且只给出一个。' },
  'prefix-characters': { en: 'The prefix {prefix} must have 1 to 100 characters: letters, digits, "_", "." and "-".', zh: '前缀 {prefix} 必须是 1 到 100 个字符：字母、数字、"_"、"." 和 "-"。' },
  'duration-positive': { en: 'The option {name} is {value}. Give a number of milliseconds above 0.', zh: '选项 {name} 是 {value}。请给出大于 0 的毫秒数。' },
  'address-not-url': { en: 'The Redis address is not a URL.', zh: 'Redis 地址不是 URL。' },
  'address-scheme': { en: 'The Redis address begins with {scheme}//.', zh: 'Redis 地址以 {scheme}// 开头。' },
  'address-host': { en: 'The Redis address does not name a host.', zh: 'Redis 地址中没有主机。' },
  'address-extra': { en: 'The Redis address has something other than "prefix" after its question mark or hash.', zh: 'Redis 地址的问号或井号之后有 "prefix" 以外的内容。' },
  'address-database': { en: 'The Redis database, after the slash, is not a number.', zh: 'Redis 地址斜杠后的数据库编号不是数字。' },
  'address-form': {
    en: 'Write redis://host:6379/0, with a password redis://:password@host:6379/0, or rediss:// for TLS. Percent-encode special characters of a password.',
    zh: '请写成 redis://host:6379/0，有密码时为 redis://:password@host:6379/0，使用 TLS 时为 rediss://；密码中的特殊字符要用百分号编码。',
  },
  'server-away': { en: 'The Redis server {location} cannot be reached; this call waited {waitedMs} ms for it.', zh: '无法访问 Redis 服务器 {location}；已等待 {waitedMs} 毫秒。' },
  'server-away-because': { en: 'The Redis server {location} cannot be reached ({reason}); this call waited {waitedMs} ms for it.', zh: '无法访问 Redis 服务器 {location}（{reason}）；已等待 {waitedMs} 毫秒。' },
  'server-needed': {
    en: "Nothing is sent without it, because it keeps the account's limit and the record of what is paid. Start the server or check the address, then run the same again.",
    zh: '账号的额度和付费记录都在其中，因此没有它就不发送任何请求。请启动服务器或检查地址，然后再次运行。',
  },
  'server-login': { en: 'The Redis server {location} refuses the login. Put the right user and password into the URL (redis://user:password@host:6379), percent-encoded.', zh: 'Redis 服务器 {location} 拒绝登录。请在 URL（redis://user:password@host:6379）中写入正确的用户和密码，并用百分号编码。' },
  'server-permission': {
    en: 'The user of the Redis server {location} lacks a permission ({reason}). Allow it all commands on keys that begin with the prefix, scripts (EVAL, EVALSHA) and channels.',
    zh: 'Redis 服务器 {location} 的用户缺少权限（{reason}）。请允许它对以该前缀开头的键执行所有命令，并允许脚本（EVAL、EVALSHA）和频道。',
  },
  'server-memory': { en: 'The Redis server {location} has no memory left (maxmemory). Give it more, and keep maxmemory-policy at noeviction, so that it never drops the record of what is paid.', zh: 'Redis 服务器 {location} 内存已满（maxmemory）。请增加内存，并保持 maxmemory-policy 为 noeviction，以免丢弃付费记录。' },
  'server-disk': { en: 'The Redis server {location} cannot write its data to disk and refuses changes. Check its disk and log, then run the same again.', zh: 'Redis 服务器 {location} 无法把数据写入磁盘，因此拒绝更改。请检查其磁盘和日志，然后再次运行。' },
  'server-failed': { en: 'The Redis server {location} failed ({reason}). Check its log, then run the same again.', zh: 'Redis 服务器 {location} 出错（{reason}）。请检查其日志，然后再次运行。' },
  'connection-closed': { en: 'The connection to {location} has been closed. Open it again, or close it later.', zh: '到 {location} 的连接已关闭。请重新打开，或晚些再关闭。' },
} as const;

/** What is wrong with a Redis address or its server. */
export const say: Say<typeof texts> = defineMessages('redis', texts);
