import type { englishDoctor } from './english-doctor.ts';

/** What `doctor` says, in Chinese. */
export const chineseDoctor: typeof englishDoctor = {
  status: {
    ready: '就绪',
    unknown: '未知',
    down: '不可用',
    misconfigured: '配置有误',
    'not-configured': '未配置',
  },
  finding: (backend, model, status, message) =>
    `${backend}${model === undefined ? '' : `（${model}）`}：${status}。${message}`,
  toDo: (text) => `  处理：${text}`,
  verified: (text) => `  已证实：${text}`,
  notVerified: (text) => `  未证实：${text}`,
  detail: (name, value) => `  ${name}：${value}`,
  details: {
    host: '主机',
    region: '地域',
    api: '接口',
    clockSkewMs: '时钟',
    profile: '服务类型',
    shutdownDate: '下线日期',
    shutdownSoon: '即将下线',
    server: '服务器',
    version: '版本',
    device: '设备',
    vramFreeBytes: '空闲显存',
    checkpoint: '模型',
    serversReady: '就绪的服务器',
    servers: '服务器数',
    samePrice: '同价',
  },
  route: '线路',
  yes: '是',
  no: '否',
  clockGood: (seconds) => `准确（相差 ${seconds} 秒）`,
  clockOff: (seconds, isBehind) =>
    `本机时钟${isBehind ? '慢' : '快'} ${seconds} 秒；超过 300 秒时带签名的请求会被拒绝。请打开时间同步（NTP）`,
  direct: '直连，不经代理',
  loopback: '直连，本机',
  viaProxy: (proxy, variable) => `经代理 ${proxy}（${variable}）`,
  proxyWrong: (problem) => `不通：${problem}`,
  prices: (asOf, isOld) =>
    `内置价目表的日期：${asOf}${isOld ? '，已超过 90 天。请与服务商的价格核对，并用 --prices 给出你的价格' : ''}`,
  node: (version, platform) => `Node ${version}，${platform}`,
  labelProducer: (producer) => `标识：派生图片写明的生成服务提供者为“${producer}”（HOLODECK_LABEL_PRODUCER）。`,
  noLabelProducer: '标识：未设置生成服务提供者，派生图片不会另加 AIGC 标识。可用 HOLODECK_LABEL_PRODUCER 设置。',
  notAnAddress: '不是有效地址',
  noneConfigured: '没有配置任何后端。请把 .env.example 复制为 .env 并填写要用的部分，或试用 "emulate"。',
  noneAvailable: '没有可用的后端。请按上面的说明处理，然后再检查一次。',
};
