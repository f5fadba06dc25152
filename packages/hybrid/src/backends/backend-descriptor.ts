import type { ImageBackend, ImageClientOptions, PriceList } from '@holodeck/core';

/** A backend that is made when it is first needed, so that an unused one costs nothing. */
export interface BackendDescriptor {
  /** The name that the loaded backend has, such as `"hunyuan"`. */
  readonly name: string;
  /** Called at most once per client. A rejection counts as a backend that is down, with the error as the reason. */
  readonly load: () => Promise<ImageBackend>;
  /** Options of the driver for this backend only. */
  readonly client?: BackendClientOptions;
  /** Prices of its models; those of the client's option `prices` win. Default: the built-in list. */
  readonly prices?: PriceList;
}

/** What can be set for the driver of one backend. Its meaning is that of `ImageClientOptions`. */
export type BackendClientOptions = Pick<
  ImageClientOptions,
  | 'maxConcurrent'
  | 'timeoutMs'
  | 'queueTimeoutMs'
  | 'maxAttempts'
  | 'maxPaidAttempts'
  | 'retryBaseMs'
  | 'retryMaxMs'
  | 'resubmitUnknown'
  | 'noRepay'
>;

export function isDescriptor(backend: ImageBackend | BackendDescriptor): backend is BackendDescriptor {
  return 'load' in backend && typeof backend.load === 'function';
}
