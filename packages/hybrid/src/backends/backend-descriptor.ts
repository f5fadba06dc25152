import type { ImageBackend, ImageClientOptions, PriceList } from '@holodeck/core';

/** A backend that is created on first use, so that an unused one costs nothing. */
export interface BackendDescriptor {
  /** The name that the loaded backend has, such as `"hunyuan"`. */
  readonly name: string;
  /** Called at most once per client. If it rejects, the backend is down, with the error as the reason. */
  readonly load: () => Promise<ImageBackend>;
  /** Options of the driver for this backend only. */
  readonly client?: BackendClientOptions;
  /** Prices of its models; the client's option `prices` overrides them. Default: the built-in list. */
  readonly prices?: PriceList;
}

/** Options of one backend's driver; see `ImageClientOptions`. */
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
  | 'beforeSubmit'
  | 'turnOf'
>;

export function isDescriptor(backend: ImageBackend | BackendDescriptor): backend is BackendDescriptor {
  return 'load' in backend && typeof backend.load === 'function';
}
