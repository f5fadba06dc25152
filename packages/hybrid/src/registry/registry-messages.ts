import { defineMessages } from '@holodeck/core/backend';
import type { Say } from '@holodeck/core/backend';

const table = {
  unknown: { en: 'HOLODECK_BACKENDS names "{entry}", which is not known. It may list {known}, and modules such as ./my-backend.ts.', zh: 'HOLODECK_BACKENDS 中的 "{entry}" 不是已知的后端。可以列出 {known}，以及 ./my-backend.ts 这样的模块。' },
  module: { en: 'HOLODECK_BACKENDS names {entry}, which is not a backend: {problem}.', zh: 'HOLODECK_BACKENDS 中的 {entry} 不是后端：{problem}。' },
  'cannot-load': { en: 'it cannot be loaded ({reason})', zh: '无法加载（{reason}）' },
  'no-definition': { en: 'it exports no `definition`', zh: '它没有导出 `definition`' },
  'bad-name': { en: 'the name of its definition must be small letters, digits and hyphens', zh: '其 definition 的 name 只能由小写字母、数字和连字符组成' },
  'bad-texts': { en: 'its label and whenAbsent must be { en, zh }', zh: '其 label 和 whenAbsent 必须是 { en, zh }' },
  'bad-variables': { en: 'its variables must be a list of { name, meaning: { en, zh } }', zh: '其 variables 必须是 { name, meaning: { en, zh } } 的列表' },
  'bad-configure': { en: 'its configure must be a function', zh: '其 configure 必须是函数' },
  'name-taken': { en: 'its name "{name}" belongs to another backend', zh: '其名称 "{name}" 已属于另一个后端' },
  'not-configured': { en: 'HOLODECK_BACKENDS names {name}, but it is not configured: {reason}', zh: 'HOLODECK_BACKENDS 中有 {name}，但它没有配置：{reason}' },
  'not-installed': { en: 'The variables of {name} are set, but its package is not installed. Install {package} beside @holodeck/hybrid, or unset them.', zh: '已设置 {name} 的变量，但没有安装它的包。请在 @holodeck/hybrid 之外再安装 {package}，或取消这些变量。' },
  'unknown-remover': { en: 'HOLODECK_BACKGROUND_REMOVER is "{name}"; the one that is known is imgly.', zh: 'HOLODECK_BACKGROUND_REMOVER 是 "{name}"；目前只支持 imgly。' },
} as const;

/** Says what is wrong with the configuration of backends. */
export const say: Say<typeof table> = defineMessages('registry', table);
