import { viewOf } from './byte-parser.ts';
import type { ByteParser } from './byte-parser.ts';
import type { ImageFacts } from './image-info.ts';

/**
 * GIF after its signature and version (https://www.w3.org/Graphics/GIF/spec-gif89a.txt). Complete = at least one image and
 * the trailer.
 */
export function* parseGif(facts: ImageFacts): ByteParser {
  const screen = yield { take: 7 };
  facts.width = viewOf(screen).getUint16(0, true);
  facts.height = viewOf(screen).getUint16(2, true);
  yield { skip: colourTableLength(screen[4] ?? 0) };
  let images = 0;
  for (;;) {
    const [block = 0] = yield { take: 1 };
    if (block === 0x3b) {
      facts.complete = images > 0;
      return;
    }
    if (block === 0x21) {
      const [label = 0, length = 0] = yield { take: 2 };
      const data = yield { take: length };
      // The graphic control extension says whether one colour is transparent.
      if (label === 0xf9 && length >= 1 && ((data[0] ?? 0) & 1) === 1) facts.hasAlpha = true;
      if (length > 0) yield* skipSubBlocks();
    } else if (block === 0x2c) {
      const descriptor = yield { take: 9 };
      // Some writers only give the size of the first image.
      if (facts.width === 0) facts.width = viewOf(descriptor).getUint16(4, true);
      if (facts.height === 0) facts.height = viewOf(descriptor).getUint16(6, true);
      yield { skip: colourTableLength(descriptor[8] ?? 0) + 1 };
      yield* skipSubBlocks();
      images += 1;
    } else {
      return;
    }
  }
}

function colourTableLength(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

function* skipSubBlocks(): ByteParser {
  for (;;) {
    const [length = 0] = yield { take: 1 };
    if (length === 0) return;
    yield { skip: length };
  }
}
