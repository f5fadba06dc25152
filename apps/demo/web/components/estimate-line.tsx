import type { JSX } from 'preact';
import type { AvailabilityView } from '../../src/shared/session-view.ts';
import { useBackendName, useMessages } from '../i18n/use-messages.ts';
import { useFormat } from '../lib/format.ts';

interface EstimateLineProps {
  readonly images: number;
  readonly availability: readonly AvailabilityView[] | undefined;
}

/** The cost of a scene on the backend that would be chosen now. */
export function EstimateLine({ images, availability }: EstimateLineProps): JSX.Element {
  const { composer: words, cost } = useMessages();
  const nameOf = useBackendName();
  const format = useFormat();
  const { backend, price } = availability?.find(({ status }) => status === 'ready' || status === 'unknown') ?? {};
  const about =
    price === undefined
      ? words.noPrice
      : price.perImage === 0
        ? words.free
        : cost.about(format.amount(images * price.perImage, price.currency));
  return (
    <p class="estimate" data-testid="estimate">
      <span class="small">{words.estimate}</span>
      <strong>{words.images(images)}</strong>{' '}
      {backend === undefined
        ? availability === undefined
          ? ''
          : words.noBackend
        : `${words.on(nameOf(backend))} · ${about}`}
    </p>
  );
}
