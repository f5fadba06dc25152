import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { sessionIdFromText } from './session-id.ts';

describe('sessionIdFromText', () => {
  it('is readable and stable', () => {
    expect(sessionIdFromText('一间堆满旧书的阁楼书房')).toMatch(/^一间堆满旧书的阁楼书房-[0-9a-f]{8}$/);
    expect(sessionIdFromText('A noodle bar,  at night!')).toMatch(/^a-noodle-bar-at-night-[0-9a-f]{8}$/);
    expect(sessionIdFromText(' 面馆 ')).toBe(sessionIdFromText('面馆'));
    expect(sessionIdFromText('🍜')).toMatch(/^scene-[0-9a-f]{8}$/);
  });

  it('always keeps the rule of session ids', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const id = sessionIdFromText(text);
        expect(id).toBe(id.normalize('NFC'));
        expect(id).toMatch(/^[\p{L}\p{Nd}][\p{L}\p{Nd}\p{M}_-]*$/u);
        expect(Array.from(id).length).toBeLessThanOrEqual(64);
      }),
    );
  });
});
