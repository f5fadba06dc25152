import type { Message } from '@holodeck/core/messages';
import type { ProductGuide } from './api/hunyuan-api.ts';
import type { Advice } from './hunyuan-error-codes.ts';
import { say } from './hunyuan-messages.ts';

/** What to do, in a sentence that names the product, the action, and the page where to click. */
export function adviceFor(
  advice: Advice | undefined,
  { guide }: { readonly guide: ProductGuide },
  clockSkewMs: number | undefined,
): Message | undefined {
  const { product, consolePage: page, successor } = guide;
  switch (advice) {
    case 'activate':
      if (guide.ended === true) return say('service-ended', { successor });
      return say('activate', { product, page, button: '开通' });
    case 'permission':
      return permission(guide);
    case 'balance':
      return say('balance', { product, page, billing: guide.billingPage });
    case 'credentials':
      return say('check-credentials', { credentials: guide.credentials, page: guide.keyPage });
    case 'clock':
      return clock(clockSkewMs);
    case 'address':
      return say('address', { page: guide.keyPage });
    case 'ended':
      return say('not-offered', { successor });
    case 'region':
      return say('use-region');
    case 'moderation':
      return say('moderation');
    case 'slots':
      return say('slots', { page });
    case 'post-paid':
      return say('post-paid', { page, menu: '在线推理', button: '后付费' });
    case 'route':
      return say('check-route');
    case 'report':
      return say('unknown-code');
    case undefined:
      return undefined;
    default:
      return advice satisfies never;
  }
}

function permission({ permissions: [permission, other], permissionPage: page }: ProductGuide): Message {
  return other === undefined
    ? say('permission-one', { permission, page })
    : say('permission-two', { permission, other, page });
}

function clock(clockSkewMs: number | undefined): Message {
  if (clockSkewMs === undefined || Math.abs(clockSkewMs) < 60_000) return say('clock');
  const minutes = Math.round(Math.abs(clockSkewMs) / 60_000);
  return clockSkewMs > 0 ? say('clock-behind', { minutes }) : say('clock-ahead', { minutes });
}
