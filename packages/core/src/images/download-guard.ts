import type { ImageError } from '../contract/index.ts';
import { isLoopbackHost, isPrivateHost } from '../network/index.ts';
import { downloadFault } from './download-error.ts';

/**
 * Which addresses an image may come from, so that a provider's answer or a redirect cannot make us ask machines of our own
 * network: only `http:` and `https:`; never from `https:` down to `http:` but on this machine; an address of a private
 * network or of this machine only when the image's first address was on this machine (an emulator, a server of one's own),
 * or when its host is listed. Names are judged as they stand, without looking them up.
 */
export class DownloadGuard {
  readonly #trusted: boolean;
  readonly #allowedHosts: ReadonlySet<string>;

  /**
   * @param first The image's first address, before redirects.
   * @param allowedHosts `host` or `host:port`, as in URLs.
   */
  constructor(first: URL, allowedHosts: readonly string[]) {
    this.#trusted = isLoopbackHost(first.hostname);
    this.#allowedHosts = new Set(allowedHosts.map((host) => host.toLowerCase()));
  }

  /** @throws {ImageError} when nothing may be fetched from there. */
  check(url: URL, from?: URL): void {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw refused(`The image's address has the protocol ${url.protocol} instead of https:.`);
    }
    if (url.username !== '' || url.password !== '') {
      throw refused(`The image's address at ${url.host} holds a user or password.`);
    }
    if (from?.protocol === 'https:' && url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
      throw refused(`${from.host} redirects the download to ${url.host} without encryption.`);
    }
    if (isPrivateHost(url.hostname) && !this.#trusted && !this.#allows(url)) {
      throw refused(
        `The image's address is at ${url.host}, on a private network. If this server is yours, name it in the backend's settings.`,
      );
    }
  }

  #allows(url: URL): boolean {
    return this.#allowedHosts.has(url.hostname) || this.#allowedHosts.has(url.host);
  }
}

function refused(message: string): ImageError {
  return downloadFault('bad-response', `${message} It is not fetched.`, { retryable: false });
}
