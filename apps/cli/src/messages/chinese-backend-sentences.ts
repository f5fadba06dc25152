import type { Sentence } from './translate.ts';

const networkSentences: readonly Sentence[] = [
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

const hunyuanSentences: readonly Sentence[] = [
  [
    'HUNYUAN_SECRET_ID and HUNYUAN_SECRET_KEY are not set. Make a key pair at {} and set both.',
    '未设置 HUNYUAN_SECRET_ID 和 HUNYUAN_SECRET_KEY。请在 {1} 创建密钥对，并设置这两项。',
  ],
  [
    'HUNYUAN_API is "tokenhub" but HUNYUAN_API_KEY is not set.',
    'HUNYUAN_API 为 "tokenhub"，但未设置 HUNYUAN_API_KEY。',
  ],
  [
    '{} is set but {} is not set. Set both from the same key pair ({}), or neither.',
    '已设置 {1}，但未设置 {2}。请用同一密钥对设置这两项（{3}），或都不设置。',
  ],
  [
    '{} is set but {} is blank or a placeholder. Set both from the same key pair ({}), or neither.',
    '已设置 {1}，但 {2} 为空或只是占位符。请用同一密钥对设置这两项（{3}），或都不设置。',
  ],
  ['{} is {}; it must be a whole number from 1.', '{1} 为 {2}；必须是不小于 1 的整数。'],
  ['{} accepts the credentials in {}.', '{1} 在 {2} 接受此密钥。'],
  [
    "This machine's clock is off by {} s; beyond 300 s requests are refused.",
    '本机时钟相差 {1} 秒；超过 300 秒时请求会被拒绝。',
  ],
  ['The vendor announced the end of this API for 2026-09-30. {}', '厂商宣布此接口于 2026-09-30 停止服务。{1}'],
  ['{} is reached', '{1} 可以访问'],
  ['the credentials and the clock are good', '密钥和时钟正确'],
  ['the region {} is taken', '地域 {1} 可用'],
  [
    'that the service is activated and the key may submit: this shows only at the first paid call',
    '服务是否开通、密钥能否提交：要到第一次付费调用才能看出',
  ],
  ['the balance or what is left of a package', '余额或资源包剩余量'],
  ['that a place for a job is free', '是否有空闲的任务名额'],
  ['{} answered {}: {}.', '{1} 返回 {2}：{3}。'],
  ['{} answered {}.', '{1} 返回 {2}。'],
  [
    'The service {} is not activated for this account: open {}, activate it (开通), wait a few minutes and try again.',
    '此账号没有开通 {1}：请打开 {2} 开通，等几分钟后重试。',
  ],
  ['The vendor has ended this service, or it is not activated. {}', '厂商已停止此服务，或服务没有开通。{1}'],
  [
    'Use api "image-3.0" with the same key pair (HUNYUAN_API=image-3.0, or leave it out).',
    '请用同一密钥对改用接口 "image-3.0"（HUNYUAN_API=image-3.0，或不设置）。',
  ],
  [
    "The key's user lacks a permission: let an administrator grant {} and {} at {} (those of other Hunyuan services do not count).",
    '密钥所属用户缺少权限：请管理员在 {3} 授予 {1} 和 {2}（其他混元服务的权限不算）。',
  ],
  [
    "The key's user lacks a permission: let an administrator grant {} at {} (those of other Hunyuan services do not count).",
    '密钥所属用户缺少权限：请管理员在 {2} 授予 {1}（其他混元服务的权限不算）。',
  ],
  [
    'The account has no balance or package left for {}: see {} and the resource packages at {}.',
    '账号余额或 {1} 的资源包已用完：请查看 {2}，以及 {3} 的资源包。',
  ],
  ['Check {}: {}.', '请检查 {1}：{2}。'],
  [
    'SecretId, SecretKey and, with temporary credentials, the token and its expiry',
    'SecretId、SecretKey，以及临时密钥的 token 和有效期',
  ],
  [
    "Requests are valid for 5 minutes: set this machine's clock (it is about {} min behind) and try again.",
    '请求只在 5 分钟内有效：请校准本机时钟（约慢 {1} 分钟）后重试。',
  ],
  [
    "Requests are valid for 5 minutes: set this machine's clock (it is about {} min ahead) and try again.",
    '请求只在 5 分钟内有效：请校准本机时钟（约快 {1} 分钟）后重试。',
  ],
  [
    "Requests are valid for 5 minutes: set this machine's clock and try again.",
    '请求只在 5 分钟内有效：请校准本机时钟后重试。',
  ],
  [
    "This machine's address is not allowed for the key: see the key's network rules at {}.",
    '此密钥不允许从本机地址访问：请查看 {1} 中密钥的网络规则。',
  ],
  ['Use the region ap-guangzhou (HUNYUAN_REGION).', '请使用地域 ap-guangzhou（HUNYUAN_REGION）。'],
  [
    "The provider's moderation refused it: change the words or the reference pictures.",
    '未通过服务的内容审核：请修改文字或参考图。',
  ],
  [
    "The account's jobs at once are all taken (a place is given back some time after its job is done). More can be bought at {}.",
    '账号的同时任务数已满（任务结束后过一会儿才释放名额）。可在 {1} 购买更多。',
  ],
  [
    'This code is not known here; the vendor lists codes at https://cloud.tencent.com/api/error-center.',
    '未知的错误码；厂商的错误码见 https://cloud.tencent.com/api/error-center。',
  ],
  [
    'The submission may have arrived and cannot be looked up, so it is not sent again by itself.',
    '提交可能已经到达且无法查询，因此不会自动重发。',
  ],
  ['No connection to {}: {}.', '无法连接 {1}：{2}。'],
  ['Check the network, the proxy variables and the endpoint.', '请检查网络、代理变量和地址。'],
  ['{} did not answer in time.', '{1} 没有及时应答。'],
  ['No answer from {}: {}.', '{1} 没有应答：{2}。'],
  ['Check the network.', '请检查网络。'],
  ["{} sent an answer that is not the service's: {}.", '{1} 的应答不是该服务的：{2}。'],
  ['Check endpoint and proxy.', '请检查地址和代理。'],
  ['{} refused the request with HTTP 429: too many requests.', '{1} 以 HTTP 429 拒绝：请求过多。'],
  [
    '{} refused the request with HTTP 503: it is overloaded or being maintained.',
    '{1} 以 HTTP 503 拒绝：服务过载或维护中。',
  ],
  [
    "{} answered HTTP {} without an error of the service's own, so this came from something in front of it.",
    '{1} 返回 HTTP {2}，但不是该服务自己的错误，因此来自它前面的某个设备。',
  ],
  ['The job ended with {}: {}.', '任务以 {1} 结束：{2}。'],
  ['The job ended with {}.', '任务以 {1} 结束。'],
  ['The job ended without a reason.', '任务结束，没有说明原因。'],
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
  ...hunyuanSentences,
  ...openaiSentences,
  ...networkSentences,
];
