import type { Sentence } from './translate.ts';

const networkSentences: readonly Sentence[] = [
  ['{} answered {}: {}.', '{1} 返回 {2}：{3}。'],
  ['Check the network.', '请检查网络。'],
  ['{} did not answer within {} ms; it may only be slow.', '{1} 在 {2} 毫秒内没有应答，可能只是较慢。'],
  ['Check the address, the network and the proxy settings, then try again.', '请检查地址、网络和代理设置，然后重试。'],
  ['Could not connect to the proxy {} ({}).', '无法连接代理 {1}（{2}）。'],
  ['Could not connect to the proxy {}: {}', '无法连接代理 {1}：{2}'],
  ['Could not connect to {} through the proxy {}: {}', '无法经代理 {2} 连接 {1}：{3}'],
  ['Could not connect to {} ({}).', '无法连接 {1}（{2}）。'],
  ['Could not connect to {}: {}', '无法连接 {1}：{2}'],
  ['the connection was closed', '连接被关闭'],
  ['No connection to {} through the proxy {} within {} ms', '经代理 {2} 连接 {1} 超过 {3} 毫秒'],
  ['No connection to {} within {} ms', '连接 {1} 超过 {2} 毫秒'],
  ['The proxy {} refused a tunnel to {} with status {}. {}', '代理 {1} 拒绝建立到 {2} 的隧道，状态码 {3}。{4}'],
  ['Check the user and password of the proxy', '请检查代理的用户名和密码'],
  ['Check the proxy, or list the host in NO_PROXY', '请检查代理，或把该主机加入 NO_PROXY'],
  ['The proxy {} gave no tunnel to {}: {}', '代理 {1} 没有建立到 {2} 的隧道：{3}'],
  [
    '{} does not hold the address of a proxy. Set it to http://host:port or unset it.',
    '{1} 不是代理地址。请设为 http://host:port，或取消设置。',
  ],
  [
    '{} names a proxy of type {}; only http and https proxies are supported. Set it to http://host:port or unset it.',
    '{1} 的代理类型是 {2}；只支持 http 和 https 代理。请设为 http://host:port，或取消设置。',
  ],
];

const comfyuiSentences: readonly Sentence[] = [
  ['The ComfyUI URL must be an http or https URL, such as {}.', 'ComfyUI 的地址必须是 http 或 https URL，例如 {1}。'],
  ['ComfyUI {} at {} is ready.', '{2} 的 ComfyUI {1} 已就绪。'],
  ['{} runs ComfyUI {}', '{1} 运行 ComfyUI {2}'],
  ['all nodes of the workflow are there', '工作流的节点齐全'],
  [
    'the model {} is there (chosen among {}; set COMFYUI_CHECKPOINT to choose)',
    '模型 {1} 存在（从 {2} 个中选出；可用 COMFYUI_CHECKPOINT 指定）',
  ],
  ['the model {} is there', '模型 {1} 存在'],
  ['that the graphics memory suffices', '显存是否够用'],
  ['how long the queue is', '队列有多长'],
  ['{} refuses this client (HTTP {}).', '{1} 拒绝此客户端（HTTP {2}）。'],
  [
    'Set COMFYUI_HEADERS (or the option headers) to what the proxy before ComfyUI wants, or give user and password in the URL.',
    '请把 COMFYUI_HEADERS（或选项 headers）设为 ComfyUI 前的代理所需的请求头，或在 URL 中给出用户名和密码。',
  ],
  [
    'What answers at {} is not ComfyUI (HTTP {} to /system_stats).',
    '{1} 上应答的不是 ComfyUI（/system_stats 返回 HTTP {2}）。',
  ],
  ['{} redirects to {} (HTTP {} to /system_stats).', '{1} 重定向到 {2}（/system_stats 返回 HTTP {3}）。'],
  ['{} redirects POST /prompt to {} (HTTP {}).', '{1} 把 POST /prompt 重定向到 {2}（HTTP {3}）。'],
  ['{} redirects POST /prompt (HTTP {}).', '{1} 重定向了 POST /prompt（HTTP {2}）。'],
  [
    'ComfyUI itself never does that: if it stands there, set COMFYUI_URL to that address; if it is a login page, give the key that the proxy wants in `headers` or COMFYUI_HEADERS.',
    'ComfyUI 本身不会重定向：如果它就在那里，请把 COMFYUI_URL 设为该地址；如果那是登录页，请在 `headers` 或 COMFYUI_HEADERS 中给出代理所需的密钥。',
  ],
  ['Check COMFYUI_URL: host, port and path prefix.', '请检查 COMFYUI_URL：主机、端口和路径前缀。'],
  [
    'Its certificate is not trusted here: set NODE_EXTRA_CA_CERTS to the file of its authority, and use the host name that it was issued for.',
    '它的证书在本机不受信任：请把 NODE_EXTRA_CA_CERTS 设为其颁发机构的证书文件，并使用证书上的主机名。',
  ],
  [
    'It speaks no TLS there: try http instead of https, or another port.',
    '那里不支持 TLS：请用 http 代替 https，或换一个端口。',
  ],
  ['ComfyUI {} at {} is too old.', '{2} 的 ComfyUI {1} 太旧。'],
  [
    'Update ComfyUI to {} or later: older ones do not take a job id of the client, so a lost answer could not be cleared up.',
    '请把 ComfyUI 升级到 {1} 或更新：旧版本不接受客户端的任务 id，应答丢失后无法查清。',
  ],
  ['ComfyUI at {} cannot run the workflow: {}.', '{1} 的 ComfyUI 不能运行此工作流：{2}。'],
  ['the node {} is not installed', '没有安装节点 {1}'],
  ['node {} ({}): {} {} is not there', '节点 {1}（{2}）：没有 {3} {4}'],
  ['the server has: none', '服务器上没有任何可选项'],
  ['the server has: {}', '服务器上有：{1}'],
  [
    'Install the missing custom nodes and models on the server (ComfyUI-Manager finds both), or use another workflow.',
    '请在服务器上安装缺少的自定义节点和模型（ComfyUI-Manager 可以找到），或换一个工作流。',
  ],
  ['ComfyUI at {} cannot be reached ({}).', '无法访问 {1} 的 ComfyUI（{2}）。'],
  ['ComfyUI at {} answers in an unexpected way ({}).', '{1} 的 ComfyUI 应答异常（{2}）。'],
  [
    'Start ComfyUI (python main.py; with --listen when it is on another machine) and check COMFYUI_URL.',
    '请启动 ComfyUI（python main.py；在另一台机器上时加 --listen），并检查 COMFYUI_URL。',
  ],
  [
    'ComfyUI at {} has no checkpoint, so its built-in graphs cannot run. Download one, such as sd_xl_base_1.0.safetensors from https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0, into its folder models/checkpoints and press "r" in its page; or set COMFYUI_WORKFLOW to a workflow of your own.',
    '{1} 的 ComfyUI 没有任何模型，内置工作流无法运行。请下载一个（例如 https://huggingface.co/stabilityai/stable-diffusion-xl-base-1.0 的 sd_xl_base_1.0.safetensors）到 models/checkpoints 目录，并在其页面按 "r"；或用 COMFYUI_WORKFLOW 指定自己的工作流。',
  ],
];

/** What the backends and the network say, in Chinese. */
export const chineseBackendSentences: readonly Sentence[] = [...comfyuiSentences, ...networkSentences];
