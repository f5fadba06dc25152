import type { BackendCapabilities, ImageRequest } from '@holodeck/core/backend';
import type { Message, MessageValue } from '@holodeck/core/messages';
import type { HunyuanApiName } from '../hunyuan-options.ts';
import type { JobReport, PictureReport, WireAnswer } from '../wire/hunyuan-wire.ts';
import type { ReferenceEncoding } from './reference-padding.ts';
import type { ApiFault, Transport } from '../wire/transport.ts';

/** One request to the service. */
export interface ApiCall {
  /** The action, or the path of the route. */
  readonly action: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The longest wait for its answer, in milliseconds. Default: the transport's. */
  readonly timeoutMs?: number;
}

/** How messages name the service, and where people click. */
export interface ProductGuide {
  /** Such as `aiart (大模型图像创作引擎)`. */
  readonly product: string;
  /** Where the service is activated. */
  readonly consolePage: string | Message;
  /** Where the permissions of a sub-account are set. */
  readonly permissionPage: string | Message;
  /** What a sub-account needs, one or two, such as `aiart:SubmitTextToImageJob`. */
  readonly permissions: readonly [MessageValue, MessageValue?];
  /** Where balance and packages are seen. */
  readonly billingPage: string;
  /** What the credentials consist of, in words. */
  readonly credentials: Message;
  /** Where keys are made. */
  readonly keyPage: string | Message;
  /** What to use when this service has ended. */
  readonly successor: Message;
  /** Whether the vendor has announced the end: then "not activated" means "ended". */
  readonly ended?: boolean;
}

/** `HunyuanApi.region` where the key alone decides. */
export const anyRegion = 'default';

/** One of the vendor's APIs: how requests are put into its words and its answers are read. No I/O. */
export interface HunyuanApi {
  readonly name: HunyuanApiName;
  readonly model: string;
  /** What decides the look. */
  readonly fingerprint: string;
  /** First part of the lane's id. */
  readonly service: string;
  readonly capabilities: BackendCapabilities;
  /** How many submissions a second are documented, and as many queries; absent = not documented. */
  readonly requestsPerSecond?: number;
  /** A sentence for each result, where the vendor has announced the end of the service. */
  readonly deprecation?: Message;
  /** A sentence for a probe that succeeds, about something that the user may not know. */
  readonly notice?: Message;
  readonly guide: ProductGuide;
  /** How reference pictures are encoded; absent = none are taken. */
  readonly references?: ReferenceEncoding;
  /** The account's public id, which tells accounts apart. */
  readonly account: string;
  /** For people: the host that is reached. */
  readonly host: string;
  readonly region: string;
  /** Texts that must never be shown. */
  readonly secrets: readonly string[];
  /** Hosts that results may come from although they are not on the public internet: an endpoint that is not the vendor's. */
  readonly resultHosts: readonly string[];
  createTransport(): Transport;
  /** Everything that the wire needs; `references` are base64, in order. */
  buildSubmit(request: ImageRequest, references: readonly string[]): ApiCall;
  /** Whether the service rewrites the prompt of this request. */
  rewrites(request: ImageRequest): boolean;
  /** The job's id, or undefined when the answer has none. */
  readSubmit(answer: WireAnswer): string | undefined;
  buildQuery(jobId: string): ApiCall;
  readQuery(answer: WireAnswer): JobReport;
  /**
   * Reads the pictures out of the answer to a submission. Only where there are no jobs: then the answer is kept, and nothing
   * can be asked for afterwards.
   */
  readPictures?(answer: WireAnswer): PictureReport;
  /** Whether this answer to a query says that there is no such job. */
  isAbsent(fault: ApiFault): boolean;
}
