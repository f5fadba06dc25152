import { defineMessages } from '@holodeck/core/backend';
import type { Say } from '@holodeck/core/backend';

const texts = {
  'no-append-only': {
    en: 'The Redis server {location} does not write an append-only file: when it stops, the record of what is paid is gone, and images may be paid twice. Set "appendonly yes" in redis.conf, or run CONFIG SET appendonly yes and CONFIG REWRITE.',
    zh: 'Redis 服务器 {location} 没有写 AOF 文件：它一停止，付费记录就会丢失，图片可能重复付费。请在 redis.conf 中设置 "appendonly yes"，或运行 CONFIG SET appendonly yes 和 CONFIG REWRITE。',
  },
  'no-fsync': {
    en: 'The Redis server {location} lets the system decide when its append-only file reaches the disk. Set "appendfsync everysec", or "always" so that no write is ever lost.',
    zh: 'Redis 服务器 {location} 由系统决定何时把 AOF 文件写入磁盘。请设置 "appendfsync everysec"；设为 "always" 则不会丢失任何写入。',
  },
  evicts: { en: 'The Redis server {location} drops keys when its memory is full (maxmemory-policy {policy}), also those that record what is paid. Set maxmemory-policy noeviction.', zh: 'Redis 服务器 {location} 内存满时会丢弃键（maxmemory-policy {policy}），包括付费记录。请设置 maxmemory-policy noeviction。' },
  'session-changed': { en: 'Another process changed the session {sessionId} while this one published to it, so nothing was recorded here. Run the same again: it continues from what is stored.', zh: '发布到会话 {sessionId} 时，另一个进程改动了它，因此这里没有记录任何内容。请再次运行：会从已存储的内容继续。' },
  'permit-late': {
    en: 'The permit of a job on lane {lane} could not be renewed in time; for a while the account may have had more jobs than its limit. Check the connection to {location}, and whether this machine was suspended.',
    zh: '通道 {lane} 上一个任务的许可未能按时续期；账号的任务数可能一度超过上限。请检查到 {location} 的连接，以及本机是否曾休眠。',
  },
  'permit-taken-over': {
    en: 'The permit of a job on lane {lane} could not be renewed in time and another process took over its job; for a while the account may have had more jobs than its limit. Check the connection to {location}, and whether this machine was suspended.',
    zh: '通道 {lane} 上一个任务的许可未能按时续期，任务已由另一个进程接手；账号的任务数可能一度超过上限。请检查到 {location} 的连接，以及本机是否曾休眠。',
  },
} as const;

/** What the stores of a Redis server say. */
export const say: Say<typeof texts> = defineMessages('redis', texts);
