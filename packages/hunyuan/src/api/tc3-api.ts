import type { BackendCapabilities, ImageRequest } from '@holodeck/core/backend';
import type { Message } from '@holodeck/core/messages';
import { checkModel, keyPair } from './api-checks.ts';
import type { ApiCall, HunyuanApi, ProductGuide } from './hunyuan-api.ts';
import { parseEndpoint } from '../wire/hunyuan-endpoint.ts';
import type { ServiceEndpoint } from '../wire/hunyuan-endpoint.ts';
import { isJobNotExist } from '../hunyuan-error-codes.ts';
import { say } from '../hunyuan-messages.ts';
import { backendName } from '../hunyuan-options.ts';
import type { HunyuanApiName, ResolvedOptions } from '../hunyuan-options.ts';
import { readJob, readText } from '../wire/hunyuan-wire.ts';
import type { JobReport, WireAnswer } from '../wire/hunyuan-wire.ts';
import type { ReferenceEncoding } from './reference-padding.ts';
import { Tc3Transport } from '../wire/tc3-transport.ts';
import type { CreateTc3Client } from '../wire/tc3-transport.ts';
import type { ApiFault, Transport } from '../wire/transport.ts';

/** How one service with a key pair differs from the others. */
export interface Tc3Service {
  readonly api: HunyuanApiName;
  /** As in the host's name. */
  readonly service: string;
  readonly version: string;
  readonly model: string;
  readonly guide: ProductGuide;
  readonly queryAction: string;
  readonly createClient: CreateTc3Client;
}

/** What the services with a key pair have in common: addresses, secrets, the transport, and how jobs are read. */
export abstract class Tc3Api implements HunyuanApi {
  readonly name: HunyuanApiName;
  readonly model: string;
  readonly fingerprint: string;
  readonly service: string;
  readonly guide: ProductGuide;
  readonly notice?: Message;
  readonly account: string;
  readonly host: string;
  readonly region: string;
  readonly secrets: readonly string[];
  readonly resultHosts: readonly string[];
  abstract readonly requestsPerSecond: number;
  abstract readonly capabilities: BackendCapabilities;
  abstract readonly references: ReferenceEncoding;
  readonly #tc3: Tc3Service;
  readonly #options: ResolvedOptions;
  readonly #endpoint: ServiceEndpoint;
  readonly #secretId: string;
  readonly #secretKey: string;

  /** @throws {ImageError} kind `auth` without a whole key pair, `invalid-request` for a wrong model or endpoint. */
  constructor(options: ResolvedOptions, tc3: Tc3Service) {
    const { api, service, version, model } = tc3;
    checkModel(options, model);
    [this.#secretId, this.#secretKey] = keyPair(options);
    this.#tc3 = tc3;
    this.#options = options;
    this.#endpoint = parseEndpoint(options.endpoint, service);
    this.name = api;
    this.model = model;
    this.fingerprint = `${backendName}/${api}/${service}-${version}/${model}`;
    this.service = service;
    this.guide = tc3.guide;
    if (options.apiKey !== undefined) this.notice = say('newer-model');
    this.account = options.account ?? this.#secretId;
    this.host = this.#endpoint.label;
    this.region = options.region;
    this.resultHosts = this.#endpoint.connectTo === undefined ? [] : [this.#endpoint.connectTo.host];
    this.secrets = [this.#secretId, this.#secretKey, options.token, options.apiKey].filter(
      (text) => text !== undefined,
    );
  }

  abstract buildSubmit(request: ImageRequest, references: readonly string[]): ApiCall;

  createTransport(): Transport {
    const { region, token, requestTimeoutMs, network } = this.#options;
    return new Tc3Transport({
      createClient: this.#tc3.createClient,
      endpoint: this.#endpoint,
      version: this.#tc3.version,
      region,
      secretId: this.#secretId,
      secretKey: this.#secretKey,
      token,
      requestTimeoutMs,
      network,
      secrets: this.secrets,
    });
  }

  rewrites({ providerOptions }: ImageRequest): boolean {
    return (providerOptions['rewritePrompt'] ?? this.#options.rewritePrompt) === true;
  }

  /** LogoAdd and Revise are always sent: the service takes their absence as "on". */
  protected switches(request: ImageRequest): Readonly<Record<string, unknown>> {
    const { logoParam, watermark: asked } = request.providerOptions;
    const watermark = asked ?? (logoParam === undefined ? this.#options.watermark : true);
    return {
      LogoAdd: watermark === true ? 1 : 0,
      ...(logoParam === undefined ? {} : { LogoParam: logoParam }),
      Revise: this.rewrites(request) ? 1 : 0,
    };
  }

  readSubmit(answer: WireAnswer): string | undefined {
    return readText(answer['JobId']);
  }

  buildQuery(jobId: string): ApiCall {
    return { action: this.#tc3.queryAction, body: { JobId: jobId } };
  }

  isAbsent({ code }: ApiFault): boolean {
    return isJobNotExist(code);
  }

  readQuery(answer: WireAnswer): JobReport {
    return readJob(answer);
  }
}
