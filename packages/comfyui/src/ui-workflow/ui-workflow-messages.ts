import { defineMessages } from '@holodeck/core/messages';
import type { Say } from '@holodeck/core/messages';

const texts = {
  'ui-workflow': { en: "{workflow} is in the format of ComfyUI's page, and cannot be converted: {problems}.", zh: '{workflow}是 ComfyUI 网页的格式，无法转换：{problems}。' },
  'ui-node-missing': { en: 'the server has no node {type} (node {node})', zh: '服务器没有节点 {type}（节点 {node}）' },
  'ui-node-missing-pack': { en: 'the server has no node {type} (node {node}), which is in the pack {pack}', zh: '服务器没有节点 {type}（节点 {node}），它属于扩展包 {pack}' },
  'ui-install': { en: 'Install what is missing with ComfyUI-Manager ("Install missing custom nodes") and restart ComfyUI, or update ComfyUI.', zh: '请用 ComfyUI-Manager 安装缺少的部分（"Install missing custom nodes"）并重启 ComfyUI，或更新 ComfyUI。' },
  'ui-frontend-node': { en: "node {node} ({type}) works only inside ComfyUI's page", zh: '节点 {node}（{type}）只在 ComfyUI 网页中起作用' },
  'ui-widget': { en: "only ComfyUI's page knows the value of {input} of node {node} ({type})", zh: '节点 {node}（{type}）的 {input} 的值只有 ComfyUI 网页知道' },
  'ui-values': { en: 'the values of node {node} ({type}) do not fit its inputs on this server', zh: '节点 {node}（{type}）的值与此服务器上的输入不符' },
  'ui-subgraph-values': { en: 'the values of the subgraph {node} do not fit its inputs', zh: '子图 {node} 的值与其输入不符' },
  'ui-unlinked': { en: 'the input {input} of node {node} ({type}) has no source: it is not linked, or what it is linked to is muted', zh: '节点 {node}（{type}）的输入 {input} 没有来源：没有连接，或所连接的节点已被静音' },
  'ui-random-words': { en: 'node {node} ({type}) draws words at random ({words})', zh: '节点 {node}（{type}）会随机选词（{words}）' },
  'ui-deep': { en: 'its subgraphs contain each other', zh: '其子图互相包含' },
  'ui-nothing': { en: 'nothing in it is active', zh: '其中没有启用的节点' },
  'ui-damaged': { en: 'entry {index} of its nodes is not a node', zh: '第 {index} 个节点不是有效的节点' },
  'ui-no-server': {
    en: "{workflow} is in the format of ComfyUI's page. It is converted with the list of nodes of the server, and {server} does not give one ({reason}). Start it and check the URL.",
    zh: '{workflow}是 ComfyUI 网页的格式，需要用服务器的节点列表转换，但 {server} 没有给出（{reason}）。请启动它并检查地址。',
  },
} as const;

/** What the conversion of a workflow of ComfyUI's page says. */
export const sayOfUi: Say<typeof texts> = defineMessages('comfyui', texts);
