import type { ImageError } from '../contract/index.ts';
import { isPrivateAnswer, plainHost } from '../network/host-kinds.ts';
import { isLoopbackHost, isPrivateHost } from '../network/index.ts';
import type { LookupAddresses } from '../network/index.ts';
import { downloadFault } from './download-error.ts';

/**
 * Which addresses an image may come from, so that a provider's answer or a redirect cannot make us ask machines of our own
 * network: only `http:` and `https:`; never from `https:` down to `http:` but on this machine; an address of a private
 * network or of this machine, or a name that leads to one, only where the host is listed. A listed host on this machine
 * stands for all of this machine (an emulator, a server of one's own). Without a list, the image's first address decides
 * whether this machine may be asked.
 */
export class DownloadGuard {
  readonly #trusted: boolean;
  readonly #allowedHosts: readonly string[];
  readonly #lookup: LookupAddresses | undefined;

  /**
   * @param first The image's first address, before redirects.
   * @param allowedHosts `host` or `host:port`, as in URLs; `.domain` stands for all hosts below it.
   * @param lookup Names are judged as they stand without it.
   */
  constructor(first: URL, allowedHosts: readonly string[] | undefined, lookup?: LookupAddresses) {
    this.#allowedHosts = (allowedHosts ?? []).map((host) => host.toLowerCase());
    this.#trusted =
      allowedHosts === undefined
        ? isLoopbackHost(first.hostname)
        : this.#allowedHosts.some((host) => isLoopbackHost(hostOf(host)));
    this.#lookup = lookup;
  }

  /** @throws {ImageError} when nothing may be fetched from there. */
  async check(url: URL, from?: URL): Promise<void> {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw refused(`The image's address has the protocol ${url.protocol} instead of https:.`);
    }
    if (url.username !== '' || url.password !== '') {
      throw refused(`The image's address at ${url.host} holds a user or password.`);
    }
    if (from?.protocol === 'https:' && url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
      throw refused(`${from.host} redirects the download to ${url.host} without encryption.`);
    }
    if ((this.#trusted && isLoopbackHost(url.hostname)) || this.#allows(url)) return;
    const leads =
      isPrivateHost(url.hostname) || (await this.#lookup?.(url))?.some((address) => isPrivateAnswer(address));
    if (leads === true) {
      throw refused(
        `The image's address is at ${url.host}, on a private network. If this server is yours, name it in the backend's settings.`,
      );
    }
  }

  #allows(url: URL): boolean {
    const host = plainHost(url.hostname);
    return this.#allowedHosts.some(
      (allowed) =>
        allowed === url.hostname || allowed === url.host || (allowed.startsWith('.') && host.endsWith(allowed)),
    );
  }
}

/** The host of a list's entry, which may have a port. */
function hostOf(entry: string): string {
  return URL.canParse(`http://${entry}`) ? new URL(`http://${entry}`).hostname : entry;
}

function refused(message: string): ImageError {
  return downloadFault('bad-response', `${message} It is not fetched.`, { retryable: false });
}
