import { priceListAge, readVariable } from '@holodeck/core/backend';

import { messages } from '../messages/messages.ts';

const proxyVariables = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'];

/** Facts about this machine that explain network faults, proxies without passwords, and how old the prices are. */
export function describeEnvironment(environment: NodeJS.ProcessEnv, nowMs: number): readonly string[] {
  const { doctor, reports } = messages();
  const { asOf, isOld } = priceListAge(nowMs);
  const lines = [doctor.node(process.versions.node, `${process.platform} ${process.arch}`), doctor.prices(asOf, isOld)];
  for (const name of proxyVariables) {
    const value = environment[name];
    if (value === undefined || value === '') continue;
    lines.push(reports.labelled(name, name.toLowerCase() === 'no_proxy' ? value : hostOf(value)));
  }
  for (const name of ['NODE_EXTRA_CA_CERTS', 'HOLODECK_BACKENDS', 'HOLODECK_STATE_DIR']) {
    const value = environment[name];
    if (value !== undefined && value !== '') lines.push(reports.labelled(name, value));
  }
  const producer = readVariable(environment, 'HOLODECK_LABEL_PRODUCER');
  lines.push(producer === undefined ? doctor.noLabelProducer : doctor.labelProducer(producer));
  return lines;
}

function hostOf(proxy: string): string {
  const text = proxy.includes('://') ? proxy : `http://${proxy}`;
  return URL.canParse(text) ? new URL(text).host : messages().doctor.notAnAddress;
}
