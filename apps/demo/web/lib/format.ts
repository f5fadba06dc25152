import { useContext } from 'preact/hooks';
import type { MoneyView } from '../../src/shared/session-view.ts';
import { LanguageContext, localeOf, useMessages } from '../i18n/use-messages.ts';

/** Formats times and money in the chosen language. */
export interface Format {
  readonly time: (atMs: number) => string;
  readonly dateTime: (atMs: number) => string;
  readonly duration: (ms: number) => string;
  readonly amount: (amount: number, currency: string) => string;
  /** Money with its number of images. */
  readonly money: (money: MoneyView) => string;
}

export function useFormat(): Format {
  const locale = localeOf(useContext(LanguageContext));
  const { cost } = useMessages();
  const amount = (value: number, currency: string): string => {
    try {
      return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(value);
    } catch {
      return `${value} ${currency}`;
    }
  };
  return {
    time: (atMs) => new Intl.DateTimeFormat(locale, { timeStyle: 'medium' }).format(atMs),
    dateTime: (atMs) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(atMs),
    duration: (ms) =>
      new Intl.NumberFormat(locale, { style: 'unit', unit: 'second', maximumFractionDigits: 1 }).format(ms / 1000),
    amount,
    money: ({ images, amount: value, currency }) =>
      value === undefined || currency === undefined
        ? cost.unpriced(images)
        : value === 0
          ? cost.free(images)
          : cost.priced(amount(value, currency), images),
  };
}
