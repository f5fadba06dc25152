import { defineMessages } from '../messages/define-messages.ts';
import type { Say } from '../messages/define-messages.ts';

const texts = {
  'file-of-another': {
    en: 'The file {path} is there already, and this task did not write it, so nothing was sent. Choose another path, move the file away, or allow it to be replaced with [overwrite: true|--overwrite].',
    zh: '文件 {path} 已存在，且不是由此任务写入，因此没有发送任何内容。请换一个路径、移走该文件，或用 [overwrite: true|--overwrite] 允许替换。',
  },
  'cannot-write': { en: '{path} cannot be written ({code}).', zh: '无法写入 {path}（{code}）。' },
  'disk-full': { en: 'The disk is full: free some space and run the same command again; nothing paid for is lost.', zh: '磁盘已满：请腾出空间后再次运行同一条命令；已付费的不会丢失。' },
  'quota-full': { en: 'The disk quota is used up: free some space and run the same command again.', zh: '磁盘配额已用完：请腾出空间后再次运行同一条命令。' },
  'folder-forbidden': { en: 'The folder is not writable for this user: change its permissions or choose another output folder.', zh: '当前用户不能写入此目录：请修改权限或换一个输出目录。' },
  'folder-read-only': { en: 'The file system is read-only: choose another output folder.', zh: '文件系统只读：请换一个输出目录。' },
  'folder-is-file': { en: 'A part of the path is a file and not a folder: choose another output folder.', zh: '路径中有一部分是文件而不是目录：请换一个输出目录。' },
  'folder-gone': { en: 'The folder has gone: make it again or choose another output folder.', zh: '目录已不存在：请重新创建，或换一个输出目录。' },
  'files-open': { en: 'Too many files are open: run fewer tasks at once or raise the limit of open files.', zh: '打开的文件过多：请减少同时运行的任务，或提高打开文件数的上限。' },
  'name-long': { en: 'The file name is too long for this file system: give a shorter one.', zh: '文件名对此文件系统来说太长：请换一个短一些的。' },
  'path-is-folder': { en: 'The output path is a folder: give a file name.', zh: '输出路径是目录：请给出文件名。' },
  'in-memory': { en: 'memory', zh: '内存' },
  'check-disk': { en: 'Check the disk and the folder.', zh: '请检查磁盘和目录。' },
  'extra-files': { en: 'The job also made files that are not images. They are kept: {files}.', zh: '任务还生成了不是图片的文件，已保存：{files}。' },
  'extra-file-unwritten': { en: 'The job also made {file}, which cannot be written beside the image ({code}), so it is not kept here. Check the disk and the folder.', zh: '任务还生成了 {file}，但无法写到图片旁边（{code}），因此没有保存在本地。请检查磁盘和目录。' },
  'path-outside': {
    en: 'The outputPath {path} lies outside the output folder {folder}. Give a path inside the folder, or [allow others (confineToOutputDir: false)|pass --allow-outside]. Nothing was sent.',
    zh: '输出路径 {path} 在输出目录 {folder} 之外。请给出目录内的路径，或[设置 confineToOutputDir: false|加上 --allow-outside]。没有发送请求。',
  },
  'path-in-store': {
    en: 'The outputPath {path} lies among the files of the store in {folder}. Give a path inside the folder, or [allow others (confineToOutputDir: false)|pass --allow-outside]. Nothing was sent.',
    zh: '输出路径 {path} 在 {folder} 的任务记录目录中。请给出目录内的路径，或[设置 confineToOutputDir: false|加上 --allow-outside]。没有发送请求。',
  },
  'image-outside': {
    en: 'The image of {taskId} goes to {path}, which lies outside the output folder {folder}. If that is what you want, resume with [confineToOutputDir: false|--allow-outside]. The task is kept as it is.',
    zh: '{taskId} 的图片要写到 {path}，而它在输出目录 {folder} 之外。如果确实要这样，请以 [confineToOutputDir: false|--allow-outside] 续取。任务保持不变。',
  },
  'image-in-store': {
    en: 'The image of {taskId} goes to {path}, which lies among the files of the store in {folder}. If that is what you want, resume with [confineToOutputDir: false|--allow-outside]. The task is kept as it is.',
    zh: '{taskId} 的图片要写到 {path}，而它在 {folder} 的任务记录目录中。如果确实要这样，请以 [confineToOutputDir: false|--allow-outside] 续取。任务保持不变。',
  },
} as const;

/** Why a file cannot be written, or may not. */
export const say: Say<typeof texts> = defineMessages('core', texts);
