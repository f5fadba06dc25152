import { ImageError } from '@holodeck/core';
import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from './redis-url.ts';

describe('the address of a Redis server', () => {
  it('is taken with user, password, database and prefix, which are not shown', () => {
    expect(parseRedisUrl('valkeys://me:pa%3F55@host/2?prefix=studio')).toEqual({
      url: 'rediss://me:pa%3F55@host:6379/2',
      location: 'rediss://host:6379/2',
      prefix: 'studio',
    });
  });

  // A part of a password that was not percent-encoded is read as something else.
  it.each([
    'redis://default:12?rest-of-password@host/0',
    'redis://default:12?prefix=rest-of-password@host/0',
    'redis://default:12#rest-of-password@host/0',
    'redis://default:12/rest-of-password@host/0',
    'redis://default:rest-of-password?x@host/0',
    'redis://host/0?rest-of-password=1',
  ])('%s is refused without a part of the password', (text) => {
    let error: unknown;
    try {
      parseRedisUrl(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(ImageError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ kind: 'invalid-request', outcome: 'not-submitted' });
    expect(String(error) + JSON.stringify(error)).not.toMatch(/rest|default|12/);
  });
});
