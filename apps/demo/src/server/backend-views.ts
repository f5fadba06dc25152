import { estimateSubmission, findPrice } from '@holodeck/core/backend';
import { localCaller } from '@holodeck/gateway';
import type { JobService } from '@holodeck/gateway';
import type { AvailabilityView } from '../shared/session-view.ts';
import type { DemoServices } from './services.ts';
import { sentenceTexts } from './texts.ts';

/** The status of all backends for the page; with `fresh`, they are probed again. */
export async function viewBackends(
  jobs: JobService,
  services: DemoServices,
  fresh = false,
): Promise<readonly AvailabilityView[]> {
  const reports = await jobs.clients.availability(localCaller, { fresh });
  const looked = reports.map(({ backend, model, status, message, remedy, doesNotProve, sentences, checkedAtMs }) => ({
    backend,
    model,
    status,
    message: sentenceTexts(message, sentences),
    doesNotProve: doesNotProve.map((sentence) => sentenceTexts(sentence, sentences)),
    checkedAtMs,
    ...(remedy === undefined ? {} : { remedy: sentenceTexts(remedy, sentences) }),
    ...priceOf(jobs, services, backend, model),
  }));
  const absent = services.absent.map(({ name, message }): AvailabilityView => ({
    backend: name,
    model: '',
    status: 'not-configured',
    message,
    doesNotProve: [],
    checkedAtMs: 0,
  }));
  return [...looked, ...absent];
}

function priceOf(
  { clients }: JobService,
  services: DemoServices,
  backend: string,
  model: string,
): Pick<AvailabilityView, 'price'> {
  const price = findPrice(backend, model, clients.prices);
  if (price === undefined) return {};
  const providerOptions = services.providerOptions?.[backend] ?? {};
  return { price: { perImage: estimateSubmission(price, { providerOptions }), currency: price.currency } };
}
