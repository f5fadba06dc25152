import type { ImageError } from '../contract/index.ts';
import { isLoopbackHost, isPrivateAnswer, isPrivateHost, plainHost } from '../network/host-kinds.ts';
import type { LookupAddresses } from '../network/lookup-addresses.ts';
import type { Message } from '../messages/message.ts';
import { downloadFault } from './download-error.ts';
import { say } from './download-messages.ts';

/**
 * Which addresses an image may come from, so that a provider's answer or a redirect cannot make us reach into our own network.
 * Only `http:` and `https:`, and no redirect from `https:` to `http:` except on this machine. A private address, or a name that
 * leads to one, only if the host is listed. A listed host on this machine allows all of this machine (an emulator, a local
 * server). Without a list, this machine is allowed if the image's first address is on it.
 */
export class DownloadGuard {
  readonly #trusted: boolean;
  readonly #allowedHosts: readonly string[];
  readonly #lookup: LookupAddresses | undefined;

  /**
   * @param first The image's first address, before redirects.
   * @param allowedHosts `host` or `host:port`, as in URLs; `.domain` allows all hosts below it.
   * @param lookup Without it, names are not resolved.
   */
  constructor(first: URL, allowedHosts: readonly string[] | undefined, lookup?: LookupAddresses) {
    this.#allowedHosts = (allowedHosts ?? []).map((host) => host.toLowerCase());
    this.#trusted =
      allowedHosts === undefined
        ? isLoopbackHost(first.hostname)
        : this.#allowedHosts.some((host) => isLoopbackHost(hostOf(host)));
    this.#lookup = lookup;
  }

  /** @throws {ImageError} if the address is not allowed. */
  async check(url: URL, from?: URL): Promise<void> {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw refused(say('address-protocol', { protocol: url.protocol }));
    }
    if (url.username !== '' || url.password !== '') throw refused(say('address-password', { host: url.host }));
    if (from?.protocol === 'https:' && url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
      throw refused(say('address-plain', { from: from.host, host: url.host }));
    }
    if ((this.#trusted && isLoopbackHost(url.hostname)) || this.#allows(url)) return;
    const leads =
      isPrivateHost(url.hostname) || (await this.#lookup?.(url))?.some((address) => isPrivateAnswer(address));
    if (leads === true) throw refused(say('address-private', { host: url.host }));
  }

  #allows(url: URL): boolean {
    const host = plainHost(url.hostname);
    return this.#allowedHosts.some(
      (allowed) =>
        allowed === url.hostname || allowed === url.host || (allowed.startsWith('.') && host.endsWith(allowed)),
    );
  }
}

/** The host of an entry that may have a port. */
function hostOf(entry: string): string {
  return URL.canParse(`http://${entry}`) ? new URL(`http://${entry}`).hostname : entry;
}

function refused(said: Message): ImageError {
  return downloadFault('bad-response', said, { retryable: false });
}
