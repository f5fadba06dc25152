/** What `doctor` says, in English. */
export const englishDoctor = {
  status: {
    ready: 'ready',
    unknown: 'unknown',
    down: 'down',
    misconfigured: 'misconfigured',
    'not-configured': 'not configured',
  },
  finding: (backend: string, model: string | undefined, status: string, message: string): string =>
    `${backend}${model === undefined ? '' : ` (${model})`}: ${status}. ${message}`,
  toDo: (text: string): string => `  to do: ${text}`,
  verified: (text: string): string => `  verified: ${text}`,
  notVerified: (text: string): string => `  not verified: ${text}`,
  detail: (name: string, value: string): string => `  ${name}: ${value}`,
  details: {
    host: 'host',
    region: 'region',
    api: 'API',
    clockSkewMs: 'clock',
    profile: 'profile',
    shutdownDate: 'shut down on',
    shutdownSoon: 'shut down soon',
    server: 'server',
    version: 'version',
    device: 'device',
    vramFreeBytes: 'free video memory',
    checkpoint: 'model',
    serversReady: 'servers ready',
    servers: 'servers',
    samePrice: 'same price',
  },
  route: 'connection',
  yes: 'yes',
  no: 'no',
  clockGood: (seconds: string): string => `good (${seconds} s off)`,
  clockOff: (seconds: string, isBehind: boolean): string =>
    `this machine's clock is ${seconds} s ${isBehind ? 'behind' : 'ahead'}; beyond 300 s signed requests are refused. Switch on time synchronisation (NTP)`,
  direct: 'direct (no proxy)',
  loopback: 'direct (this machine)',
  viaProxy: (proxy: string, variable: string): string => `through the proxy ${proxy} (${variable})`,
  proxyWrong: (problem: string): string => `not possible: ${problem}`,
  prices: (asOf: string, isOld: boolean): string =>
    `Built-in prices of ${asOf}${isOld ? ': more than 90 days ago. Compare them with the services, and give your own with --prices' : ''}`,
  node: (version: string, platform: string): string => `Node ${version} on ${platform}`,
  labelProducer: (producer: string): string =>
    `Labels: derived pictures name the producer "${producer}" (HOLODECK_LABEL_PRODUCER).`,
  noLabelProducer:
    'Labels: no producer is set, so derived pictures get no AIGC block of their own. HOLODECK_LABEL_PRODUCER sets it.',
  notAnAddress: 'not an address',
  noneConfigured: 'No backend is configured. Copy .env.example to .env and fill in what you use, or try "emulate".',
  noneAvailable: 'No backend is available. Correct what is said above, then run doctor again.',
};
