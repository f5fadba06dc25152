import { invalidRequest } from '@holodeck/core/backend';
import type { S3Driver } from 'flydrive/drivers/s3';
import { say } from './archive-messages.ts';
import type { ArchivePlace, ImageArchive } from './image-archive.ts';

type BucketPlace = Extract<ArchivePlace, { readonly kind: 'bucket' }>;

/** Amazon's default region; other services accept any name. */
const defaultRegion = 'us-east-1';

/**
 * Images in a bucket, through flydrive's driver for S3. It bypasses flydrive's `Disk`, which only accepts names in Latin
 * letters.
 */
export class BucketArchive implements ImageArchive {
  readonly location: string;
  readonly #driver: S3Driver;
  readonly #client: { destroy(): void };
  readonly #prefix: string;

  private constructor(place: BucketPlace, driver: S3Driver, client: { destroy(): void }) {
    this.location = `s3://${place.bucket}/${place.prefix}`;
    this.#driver = driver;
    this.#client = client;
    this.#prefix = place.prefix;
  }

  /** @throws {ImageError} kind `invalid-request` when flydrive or Amazon's client is not installed. */
  static async open(place: BucketPlace): Promise<BucketArchive> {
    const [{ S3Driver: Driver }, { S3Client }] = await Promise.all([
      import('flydrive/drivers/s3'),
      import('@aws-sdk/client-s3'),
    ]).catch((cause: unknown) => {
      throw invalidRequest(say('archive-packages'), { cause });
    });
    const { endpoint, region, pathStyle, bucket } = place;
    const client = new S3Client({
      region: region ?? process.env['AWS_REGION'] ?? defaultRegion,
      forcePathStyle: pathStyle,
      // Many S3-compatible services do not support Amazon's default checksums.
      ...(endpoint === undefined
        ? {}
        : { endpoint, requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' }),
    });
    const driver = new Driver({ client, bucket, visibility: 'private', supportsACL: false });
    return new BucketArchive(place, driver, client);
  }

  async put(name: string, bytes: Uint8Array, mediaType: string): Promise<string> {
    const key = `${this.#prefix}${name}`;
    await this.#driver.put(key, bytes, { contentType: mediaType, contentLength: bytes.byteLength });
    return `${this.location}${name}`;
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#driver.getBytes(`${this.#prefix}${name}`);
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }
}
