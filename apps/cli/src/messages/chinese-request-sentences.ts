import type { Sentence } from './translate.ts';

/** What core and hybrid say of a request that cannot be sent as it is, and of the file that it names. */
export const chineseRequestSentences: readonly Sentence[] = [
  ['{} ({}, model {})', '{1}（{2}，模型 {3}）'],
  // Sizes.
  ['The size {} is not one of {}.', '尺寸 {1} 不在可选的 {2} 之中。'],
  ['The size {} has a side below {} px.', '尺寸 {1} 有一边小于 {2} 像素。'],
  ['The size {} has a side above {} px.', '尺寸 {1} 有一边大于 {2} 像素。'],
  ['Both sides of {} must be multiples of {}.', '尺寸 {1} 的两边都必须是 {2} 的倍数。'],
  ['The size {} has {} pixels; at least {} are needed.', '尺寸 {1} 有 {2} 个像素；至少需要 {3} 个。'],
  ['The size {} has {} pixels; at most {} are allowed.', '尺寸 {1} 有 {2} 个像素；最多允许 {3} 个。'],
  ['The sides of {} differ by more than {}:1.', '尺寸 {1} 的长宽比超过 {2}:1。'],
  [
    'The size {} is not a size. Give whole pixels, such as "1024x1024" or { width: 1024, height: 1024 }.',
    '{1} 不是尺寸。请用整数像素，例如 "1024x1024" 或 { width: 1024, height: 1024 }。',
  ],
  // Words.
  ...(
    [
      ['prompt', '提示词'],
      ['negative prompt', '反向提示词'],
      ['style', '画风'],
    ] as const
  ).flatMap(([english, chinese]): readonly Sentence[] => [
    [
      `The ${english} has half of a character pair (a lone surrogate). It was cut or decoded wrongly: write it again.`,
      `${chinese}中有半个字符（孤立的代理项），是截断或解码有误造成的：请重新填写。`,
    ],
    [`The ${english} has a NUL character.`, `${chinese}中有 NUL 字符。`],
  ]),
  // Places.
  ['The outputPath {} lies outside the output folder {}.', '输出路径 {1} 在输出目录 {2} 之外。'],
  ['The outputPath {} lies among the files of the store in {}.', '输出路径 {1} 在 {2} 的任务记录目录中。'],
  [
    'Give a path inside the folder, or allow others (confineToOutputDir: false, --allow-outside).',
    '请给出目录内的路径，或用 --allow-outside 允许其他路径。',
  ],
  ['Nothing was sent.', '没有发送请求。'],
  [
    'The image of {} goes to {}, which lies outside the output folder {}.',
    '{1} 的图片要写到 {2}，而它在输出目录 {3} 之外。',
  ],
  [
    'The image of {} goes to {}, which lies among the files of the store in {}.',
    '{1} 的图片要写到 {2}，而它在 {3} 的任务记录目录中。',
  ],
  [
    'If that is what you want, resume with confineToOutputDir: false (--allow-outside).',
    '如果确实要这样，请加上 --allow-outside 再运行 resume。',
  ],
  ['The task is kept as it is.', '任务保持不变。'],
  // Numbers.
  ['The seed {} is not a whole number.', '种子 {1} 不是整数。'],
  ['The count {} must be a whole number from 1.', '张数 {1} 必须是不小于 1 的整数。'],
  // Reference pictures and output files.
  [
    'Reference {} is an address (URL), not a path. Save the picture to a file and give its path, or its bytes.',
    '参考图 {1} 是网址（URL），不是文件路径。请先把图片存成文件并给出其路径，或给出其字节。',
  ],
  [
    'Reference {} cannot be read: {} ({}). Check the path and its permissions.',
    '无法读取参考图 {1}：{2}（{3}）。请检查路径和权限。',
  ],
  [
    'Reference {} is not a picture that is known here (PNG, JPEG, WebP, GIF, BMP, TIFF).',
    '参考图 {1} 不是可以识别的图片（PNG、JPEG、WebP、GIF、BMP、TIFF）。',
  ],
  ['Reference {} is cut short or damaged. Save it again.', '参考图 {1} 不完整或已损坏。请重新保存。'],
  [
    'Reference {} has {} bytes; at most {} are allowed. Make it smaller.',
    '参考图 {1} 有 {2} 字节；最多允许 {3} 字节。请缩小。',
  ],
  ['{} reference pictures were given; {} takes at most {}.', '给出了 {1} 张参考图；{2} 最多接受 {3} 张。'],
  ['Reference pictures are not taken here.', '此后端不接受参考图。'],
  ['The file name ends in {}, but its bytes are {}.', '文件名以 {1} 结尾，但内容是 {2}。'],
  // Money.
  [
    '{} is paid in {}, for which maxCost allows nothing. Add an amount in {} to go on.',
    '{1} 以 {2} 计费，而最高费用（--max-cost）中没有这种货币的金额。要继续请加上 {3} 的金额。',
  ],
  // A shared queue or store.
  [
    'The Redis server {} cannot be reached ({}); it was waited for {} ms.',
    '无法访问 Redis 服务器 {1}（{2}）；已等待 {3} 毫秒。',
  ],
  [
    "Nothing is sent without it, because the account's limit and the record of what is paid are kept there.",
    '账号的额度和付费记录都在其中，因此没有它就不发送任何请求。',
  ],
  [
    'Start the server or check the address, then run the same again.',
    '请启动服务器或检查地址，然后再次运行同一条命令。',
  ],
  ['The Redis address is no URL.', 'Redis 地址不是 URL。'],
  [
    'The job of {} was removed from the queue before any worker had taken it, so it has sent nothing.',
    '{1} 的任务在任何 worker 接手之前就从队列中移除，因此没有发送请求。',
  ],
  [
    'The job of {} was removed from the queue, and it cannot be told here whether a worker had sent it before.',
    '{1} 的任务已从队列中移除，这里无法确定之前是否有 worker 发送过。',
  ],
  [
    'Run the task again: what was paid is fetched and not paid again.',
    '请再次运行该任务：已付费的会取回，不会重复付费。',
  ],
  [
    'The job of {} was removed from the queue after the provider had taken it.',
    '{1} 的任务在服务受理之后从队列中移除。',
  ],
  ['Run the task again: its image is fetched at no cost.', '请再次运行该任务：图片会取回，不再付费。'],
  ['The Redis address begins with {}.', 'Redis 地址以 {1} 开头。'],
  ['The Redis address names no host.', 'Redis 地址中没有主机。'],
  [
    'The Redis address has something other than "prefix" after its question mark or hash.',
    'Redis 地址的问号或井号之后有 "prefix" 以外的内容。',
  ],
  ['The Redis database, after the slash, is no number.', 'Redis 地址斜杠后的数据库编号不是数字。'],
  [
    'Write redis://host:6379/0, with a password redis://:password@host:6379/0, or rediss:// for TLS; special characters of a password are percent-encoded.',
    '请写成 redis://host:6379/0，有密码时为 redis://:password@host:6379/0，使用 TLS 时为 rediss://；密码中的特殊字符要用百分号编码。',
  ],
  // Sessions.
  [
    'The session id {} has characters other than letters, digits, "-", "_" and inner dots.',
    '会话 id {1} 含有字母、数字、“-”、“_”和中间的点以外的字符。',
  ],
];
