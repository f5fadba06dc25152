import type { ProductGuide } from './api/hunyuan-api.ts';
import type { Advice } from './hunyuan-error-codes.ts';

/** What to do, in a sentence that names the product, the action, and the page where to click. */
export function adviceText(
  advice: Advice | undefined,
  { guide }: { readonly guide: ProductGuide },
  clockSkewMs: number | undefined,
): string | undefined {
  switch (advice) {
    case 'activate':
      if (guide.ended === true) return `The vendor has ended this service, or it is not activated. ${guide.successor}`;
      return `The service ${guide.product} is not activated for this account: open ${guide.consolePage}, activate it (开通), wait a few minutes and try again.`;
    case 'permission':
      return `The key's user lacks a permission: let an administrator grant ${guide.permissions.join(' and ')} at ${guide.permissionPage} (those of other Hunyuan services do not count).`;
    case 'balance':
      return `The account has no balance or package left for ${guide.product}: see ${guide.billingPage} and the resource packages at ${guide.consolePage}.`;
    case 'credentials':
      return `Check ${guide.credentials}: ${guide.keyPage}.`;
    case 'clock':
      return `Requests are valid for 5 minutes: set this machine's clock${skewText(clockSkewMs)} and try again.`;
    case 'address':
      return `This machine's address is not allowed for the key: see the key's network rules at ${guide.keyPage}.`;
    case 'ended':
      return `The service does not offer this (any more). ${guide.successor}`;
    case 'region':
      return 'Use the region ap-guangzhou (HUNYUAN_REGION).';
    case 'moderation':
      return "The provider's moderation refused it: change the words or the reference pictures.";
    case 'slots':
      return `The account's jobs at once are all taken (a place is given back some time after its job is done). More can be bought at ${guide.consolePage}.`;
    case 'report':
      return 'This code is not known here; the vendor lists codes at https://cloud.tencent.com/api/error-center.';
    case undefined:
      return undefined;
    default:
      return advice satisfies never;
  }
}

function skewText(clockSkewMs: number | undefined): string {
  if (clockSkewMs === undefined || Math.abs(clockSkewMs) < 60_000) return '';
  const minutes = Math.round(Math.abs(clockSkewMs) / 60_000);
  return ` (it is about ${minutes} min ${clockSkewMs > 0 ? 'behind' : 'ahead'})`;
}
