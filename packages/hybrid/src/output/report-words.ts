import type { Language } from '@holodeck/core/messages';
import type { CardView } from '../assets/card-views.ts';
import type { ManifestAsset } from '../manifest/manifest.ts';

const english = {
  style: 'Style',
  state: 'State',
  backend: 'Backend',
  reason: 'Chosen because',
  epoch: 'Epoch',
  paid: 'Paid submissions',
  listCost: 'Cost by the price list',
  manifest: 'Manifest',
  revision: (revision: number): string => `revision ${revision}`,
  reference: 'Scene reference',
  gate: 'Gate',
  error: 'Error',
  file: 'File',
  size: 'Size',
  job: 'Job',
  seed: 'Seed',
  look: 'Look',
  looks: {
    reference: 'follows the scene reference',
    words: 'follows the scene in words only',
    none: 'follows no reference',
  },
  views: { front: 'front', left: 'left', back: 'back', right: 'right' } as Readonly<Record<CardView, string>>,
  judge: 'Judge',
  judged: (look: number | null, isGood: boolean, reason: string): string =>
    `${isGood ? 'as asked' : 'not as asked'}${look === null ? '' : `, look ${Math.round(look * 100)} %`}: ${reason}`,
  mirror: 'Mirror image',
  mirrored: (view: string, percent: number): string => `${percent} % of its outline is that of the ${view} view`,
  prompt: 'Prompt',
  revisedPrompt: 'Revised prompt',
  cost: 'Cost',
  warnings: 'Warnings',
  states: {
    free: 'free',
    claimed: 'claimed',
    locked: 'locked',
    pending: 'pending',
    current: 'current',
    stale: 'stale',
    failed: 'failed',
    superseded: 'superseded',
  } as Readonly<Record<string, string>>,
  gates: { passed: 'isolated', failed: 'not isolated' },
  pictures: (count: number, leftOut: number): string =>
    `${count} pictures${leftOut === 0 ? '' : `, ${leftOut} more that are not shown`}`,
  noBackend: 'no backend',
  noPicture: 'no picture',
  notMade: 'could not be made',
  toMake: 'not made yet',
  notMeasured: 'not measured',
  made: 'made',
  moreIn: (file: string): string => `Prompts, origins and costs are in ${file}.`,
  sheet: 'Contact sheet',
  wholeScene: 'The whole text of the scene',
  about: 'About this session',
  labels: 'Labels in the file',
  details: 'Prompt and origin',
  separator: ', ',
  labelled: (label: string, value: string): string => `${label}: ${value}`,
};

/** The words of a session's report and contact sheet. */
export type ReportWords = typeof english;

const chinese: ReportWords = {
  style: '画风',
  state: '状态',
  backend: '后端',
  reason: '选择原因',
  epoch: '轮次',
  paid: '付费提交',
  listCost: '按价目表的费用',
  manifest: '清单',
  revision: (revision) => `第 ${revision} 版`,
  reference: '场景参考图',
  gate: '质检',
  error: '错误',
  file: '文件',
  size: '尺寸',
  job: '任务',
  seed: '种子',
  look: '画风来源',
  looks: { reference: '参考图', words: '仅文字描述', none: '无参考' },
  views: { front: '正面', left: '左侧', back: '背面', right: '右侧' },
  judge: '评审',
  judged: (look, isGood, reason) =>
    `${isGood ? '符合要求' : '不符合要求'}${look === null ? '' : `，画风吻合 ${Math.round(look * 100)}%`}：${reason}`,
  mirror: '镜像吻合',
  mirrored: (view, percent) => `轮廓与${view}视图的镜像有 ${percent}% 吻合`,
  prompt: '提示词',
  revisedPrompt: '改写后的提示词',
  cost: '费用',
  warnings: '提示',
  states: {
    free: '空闲',
    claimed: '认领中',
    locked: '已锁定',
    pending: '待生成',
    current: '当前',
    stale: '已过期',
    failed: '失败',
    superseded: '已被取代',
  },
  gates: { passed: '主体独立', failed: '主体不独立' },
  pictures: (count, leftOut) => `${count} 张图片${leftOut === 0 ? '' : `，另有 ${leftOut} 张未显示`}`,
  noBackend: '没有后端',
  noPicture: '没有图片',
  notMade: '未能生成',
  toMake: '尚未生成',
  notMeasured: '未质检',
  made: '已生成',
  moreIn: (file) => `提示词、来源和费用见 ${file}。`,
  sheet: '图片总览',
  wholeScene: '场景全文',
  about: '关于本会话',
  labels: '文件中的标识',
  details: '提示词与来源',
  separator: '，',
  labelled: (label, value) => `${label}：${value}`,
};

/** What a picture is called: the caller's name of the object, with the side that it shows. */
export function titleOf({ kind, name, id, view }: ManifestAsset, words: ReportWords): string {
  const title = name ?? (kind === 'scene-reference' ? words.reference : id);
  return view === undefined ? title : `${title}${words.separator}${words.views[view]}`;
}

/** The language of a session: that of its scene. */
export function languageOfScene(sceneText: string | null): Language {
  return /\p{Script=Han}/u.test(sceneText ?? '') ? 'zh' : 'en';
}

/** The words in the language of a session. */
export function reportWords(sceneText: string | null): ReportWords {
  return languageOfScene(sceneText) === 'zh' ? chinese : english;
}
