import { defineMessages } from '../messages/define-messages.ts';
import type { Say } from '../messages/define-messages.ts';

const texts = {
  'node-without-sqlite': {
    en: 'This is Node {version}, which has no node:sqlite. Install Node 22.13 or newer (https://nodejs.org), or remove --no-experimental-sqlite from its options.',
    zh: '当前 Node {version} 没有 node:sqlite。请安装 Node 22.13 或更新版本（https://nodejs.org），或从选项中去掉 --no-experimental-sqlite。',
  },
  'store-busy': {
    en: 'The store {path} is locked by another process for too long. Close programs that have the file open (backup, virus scanner, SQLite browser) or stop the other process, then try again.',
    zh: '存储 {path} 被另一个进程锁定过久。请关闭打开此文件的程序（备份、杀毒软件、SQLite 浏览器），或停止那个进程，然后重试。',
  },
  'store-read-only': { en: 'The store {path} cannot be written. Give this user write access to the file and its folder, or choose another output folder or [stateDir|HOLODECK_STATE_DIR].', zh: '存储 {path} 无法写入。请给当前用户该文件及其目录的写权限，或换一个输出目录或 [stateDir|HOLODECK_STATE_DIR]。' },
  'store-disk-full': { en: 'The disk with the store {path} is full. Free some space there, or choose another output folder or [stateDir|HOLODECK_STATE_DIR], then run the same command again.', zh: '存储 {path} 所在的磁盘已满。请腾出空间，或换一个输出目录或 [stateDir|HOLODECK_STATE_DIR]，然后再次运行同一条命令。' },
  'store-cannot-open': { en: 'The store {path} cannot be opened. Check that its folder exists and that this user may write there, or choose another output folder or [stateDir|HOLODECK_STATE_DIR].', zh: '无法打开存储 {path}。请检查其目录是否存在、当前用户能否写入，或换一个输出目录或 [stateDir|HOLODECK_STATE_DIR]。' },
  'row-damaged': {
    en: 'The store\'s row of {taskId} ({scope}) is damaged: {reason}. Remove it[ with store.tasks.forget|: "jobs forget {taskId}"]; its image, if there is one, stays.',
    zh: '{taskId}（{scope}）在存储中的记录已损坏：{reason}。请删除它[（store.tasks.forget）|："jobs forget {taskId}"]；已有的图片会保留。',
  },
  'store-damaged': {
    en: 'The store {path} is damaged or is not a SQLite database. Move the file away (with its -wal and -shm files) to keep it for inspection, or restore it from a backup, then try again; without it, jobs that were paid but not yet delivered are not known any more.',
    zh: '存储 {path} 已损坏，或不是 SQLite 数据库。请把文件（连同 -wal 和 -shm 文件）移走以便检查，或从备份恢复，然后重试；没有它，已付费但尚未取回的任务将不再为人所知。',
  },
  'store-empty': {
    en: 'The store {path} is empty, but there are images beside it: what was known of them, and of jobs that are paid, is lost. Restore the file from a backup. Or move it away to start with a new store.',
    zh: '存储 {path} 是空的，但旁边有图片：这些图片以及已付费任务的记录已经丢失。请从备份恢复此文件；如需从新的存储开始，请把它移走。',
  },
  'store-input-output': {
    en: 'The store {path} could not be read or written (input/output error). Check the disk, its free space and quota, and whether the folder is on a network file system; [stateDir or HOLODECK_STATE_DIR|HOLODECK_STATE_DIR] moves the store to a local disk.',
    zh: '无法读写存储 {path}（输入/输出错误）。请检查磁盘、剩余空间和配额，以及目录是否在网络文件系统上；可用 [stateDir 或 HOLODECK_STATE_DIR|HOLODECK_STATE_DIR] 把存储移到本地磁盘。',
  },
  'store-constraint': { en: 'The store {path} refused a record that breaks its rules (a key that is used already, or a missing field).', zh: '存储 {path} 拒绝了一条不合规则的记录（键已被使用，或缺少字段）。' },
  'store-failed': { en: "The store {path} failed (SQLite code {code}). Check the disk and the file's permissions, then try again.", zh: '存储 {path} 出错（SQLite 代码 {code}）。请检查磁盘和文件权限，然后重试。' },
  'store-closed': { en: 'The store {path} has been closed. Open it again, or close it later.', zh: '存储 {path} 已关闭。请重新打开，或晚些再关闭。' },
  'store-foreign': { en: 'The file {path} is a database of another program and is left alone. Move it away, or choose another output folder or [stateDir|HOLODECK_STATE_DIR].', zh: '文件 {path} 是其他程序的数据库，保持不动。请把它移走，或换一个输出目录或 [stateDir|HOLODECK_STATE_DIR]。' },
  'store-newer': {
    en: 'The store {path} was written by a newer version of @holodeck/core (schema {version}; this one knows {known}). Update @holodeck/core, or choose another output folder.',
    zh: '存储 {path} 由更新版本的 @holodeck/core 写入（结构版本 {version}；此版本只到 {known}）。请升级 @holodeck/core，或换一个输出目录。',
  },
  'store-publishing': { en: 'The store {path} was written to from inside its own publish section. Return the writes from the section instead.', zh: '存储 {path} 在自己的发布区段内被写入。请改为由该区段返回要写的内容。' },
  'space-none': {
    en: 'There is no space left for {path} (disk or quota full). Free some space there, or choose another output folder or [stateDir|HOLODECK_STATE_DIR], then run the same command again.',
    zh: '{path} 没有剩余空间（磁盘或配额已满）。请腾出空间，或换一个输出目录或 [stateDir|HOLODECK_STATE_DIR]，然后再次运行同一条命令。',
  },
  'space-read-only': { en: '{path} is on a read-only file system. Choose another output folder or [stateDir|HOLODECK_STATE_DIR], or mount it writable.', zh: '{path} 在只读文件系统上。请换一个输出目录或 [stateDir|HOLODECK_STATE_DIR]，或以可写方式挂载。' },
  'space-forbidden': { en: 'This user may not write {path}. Change the permissions of the folder, or choose another output folder or [stateDir|HOLODECK_STATE_DIR].', zh: '当前用户不能写入 {path}。请修改目录权限，或换一个输出目录或 [stateDir|HOLODECK_STATE_DIR]。' },
  'space-blocked': { en: '{path} cannot be made: a file stands where a folder is needed, or the other way round. Move it away, or choose another output folder or [stateDir|HOLODECK_STATE_DIR].', zh: '无法创建 {path}：需要目录的地方是文件，或者相反。请把它移走，或换一个输出目录或 [stateDir|HOLODECK_STATE_DIR]。' },
  'space-name-long': { en: 'The path {path} is too long for this file system. Choose a shorter output folder.', zh: '路径 {path} 对此文件系统来说太长。请换一个较短的输出目录。' },
  'space-unusable': { en: '{path} cannot be used ({code}). Check the path and the disk, or choose another output folder or [stateDir|HOLODECK_STATE_DIR].', zh: '无法使用 {path}（{code}）。请检查路径和磁盘，或换一个输出目录或 [stateDir|HOLODECK_STATE_DIR]。' },
  'owner-process': { en: 'process {pid} on {host}', zh: '{host} 上的进程 {pid}' },
  'owner-other': { en: 'another client', zh: '另一个客户端' },
  'forget-refused': { en: 'Task {taskId} is being worked on by {owner} and cannot be forgotten. Wait until it ends, or stop that process first.', zh: '任务 {taskId} 正由{owner}处理，不能移除。请等它结束，或先停止那个进程。' },
  'publish-asynchronous': { en: 'The publish section of session {sessionId} was rolled back: its work must be synchronous and return an object of writes.', zh: '会话 {sessionId} 的发布区段已回滚：其工作必须同步完成，并返回要写入内容的对象。' },
  'publish-session': { en: 'The publish section of session {sessionId} was rolled back: it returned the record of another session.', zh: '会话 {sessionId} 的发布区段已回滚：它返回了另一个会话的记录。' },
  'publish-asset': { en: 'The publish section of session {sessionId} was rolled back: it returned an asset of another session.', zh: '会话 {sessionId} 的发布区段已回滚：它返回了另一个会话的资源。' },
  'row-field': { en: "The {name} of a task's row cannot be removed. Set it to another value.", zh: '任务记录的 {name} 不能删除。请把它设为其他值。' },
  'id-surrogate': { en: 'The id {id} holds half a surrogate pair. Use well-formed Unicode in task ids and scopes.', zh: 'id {id} 中有半个代理对。任务 id 和 scope 请使用完整的 Unicode 字符。' },
} as const;

/** What a store cannot do, and what to do about it. */
export const say: Say<typeof texts> = defineMessages('core', texts);
