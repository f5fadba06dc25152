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

const openaiSentences: readonly Sentence[] = [
  ['Check the API key and that it belongs to this server.', '请检查 API 密钥，以及它是否属于此服务器。'],
  [
    'The key may not use {}: verify the organisation or give the project access to the model.',
    '此密钥不能使用 {1}：请验证组织，或给项目授予该模型的权限。',
  ],
  [
    'The account has no money or limit left: add credit or raise the limit ({}). Waiting does not help.',
    '账号余额或额度已用完：请充值或提高额度（{1}）。等待没有用。',
  ],
  [
    'The account has no money or limit left: add credit or raise the limit. Waiting does not help.',
    '账号余额或额度已用完：请充值或提高额度。等待没有用。',
  ],
  ['The rate limit is reached; it is free again after a while.', '已达到速率限制；过一会儿恢复。'],
  ['The safety system refused it. Change the prompt or the references.', '被安全系统拒绝。请修改提示词或参考图。'],
  [
    'The image was made and then withheld by the safety system. Change the prompt or the references.',
    '图片已生成，但被安全系统扣留。请修改提示词或参考图。',
  ],
  [
    'It cannot be told whether the image was made and billed. Send it again only if paying twice is acceptable.',
    '无法确定图片是否已生成并计费。只有可以接受重复付费时才再次发送。',
  ],
  [
    "Check OPENAI_BASE_URL (OpenAI's ends in /v1) and the model.",
    '请检查 OPENAI_BASE_URL（OpenAI 的以 /v1 结尾）和模型。',
  ],
  ['Change the request.', '请修改请求。'],
  ['It may work later.', '稍后可能恢复。'],
  ['{} offers {}.', '{1} 提供 {2}。'],
  ['{} offers {}, but will shut it down on {}.', '{1} 提供 {2}，但将于 {3} 下线。'],
  ['{} was shut down on {}.', '{1} 已于 {2} 下线。'],
  ['Choose a newer model: OPENAI_IMAGE_MODEL.', '请换用较新的模型：OPENAI_IMAGE_MODEL。'],
  ['the key is accepted', '密钥有效'],
  ['the key sees {}', '密钥可以使用 {1}'],
  ['the server answers', '服务器有应答'],
  ['the key, where one is needed, is accepted', '密钥（如果需要）有效'],
  ['it lists {}', '其中列有 {1}'],
  ['balance and spending limits', '余额和消费上限'],
  ['that the organisation is verified for the model', '组织是否已通过该模型的验证'],
  ['rate limits', '速率限制'],
  ['{} cannot be reached ({}).', '无法访问 {1}（{2}）。'],
  [
    'Check the network, the proxy and OPENAI_BASE_URL; for a local server, start it.',
    '请检查网络、代理和 OPENAI_BASE_URL；如果是本地服务器，请先启动。',
  ],
  ['{} answers, but does not list {} (it lists {}).', '{1} 有应答，但没有列出 {2}（列有 {3}）。'],
  ['{} answers, but does not list {}.', '{1} 有应答，但没有列出 {2}。'],
  [
    'Servers with one model often ignore its name; otherwise set OPENAI_IMAGE_MODEL.',
    '只有一个模型的服务器往往忽略名称；否则请设置 OPENAI_IMAGE_MODEL。',
  ],
  [
    '{} answers, but not like an OpenAI server (no model in the answer).',
    '{1} 有应答，但不像 OpenAI 服务器（应答中没有模型）。',
  ],
  [
    "Check OPENAI_BASE_URL (OpenAI's ends in /v1), and proxies or login pages on the way.",
    '请检查 OPENAI_BASE_URL（OpenAI 的以 /v1 结尾），以及途中的代理或登录页。',
  ],
  ['{} answers', '{1} 有应答'],
  ['Add credit or raise the spending limit of the account.', '请充值或提高账号的消费上限。'],
  ['Set OPENAI_API_KEY to a valid key of this server.', '请把 OPENAI_API_KEY 设为此服务器的有效密钥。'],
  [
    '{} does not let this key look at models (403); it may still make images.',
    '{1} 不允许此密钥查看模型（403）；但可能仍能生成图片。',
  ],
  ['To see more, give the key the permission to list models.', '要看到更多，请给密钥加上列出模型的权限。'],
  ['{} answers, but lists no models ({}).', '{1} 有应答，但不列出模型（{2}）。'],
  ['{} is not visible for this key at {} ({}).', '此密钥在 {2} 看不到 {1}（{3}）。'],
  [
    'Set OPENAI_IMAGE_MODEL to a model of this account, and check OPENAI_BASE_URL.',
    '请把 OPENAI_IMAGE_MODEL 设为此账号可用的模型，并检查 OPENAI_BASE_URL。',
  ],
  ['Try again later.', '请稍后重试。'],
  [
    'The API key has spaces, line breaks or characters outside ASCII. Copy it again.',
    'API 密钥中有空格、换行或非 ASCII 字符。请重新复制。',
  ],
  ['OPENAI_PROFILE is {}. Use one of {}, or leave it out.', 'OPENAI_PROFILE 为 {1}。请用 {2} 之一，或不设置。'],
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
export const chineseBackendSentences: readonly Sentence[] = [
  ...comfyuiSentences,
  ...openaiSentences,
  ...networkSentences,
];
