/** Sizes of Image 3.0. Presets and rules: https://cloud.tencent.com/document/product/1668/124632. */
import { wrongValue } from './service-error.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

const presets: readonly Size[] = (
  '2048:512 1984:512 1920:512 1856:512 1792:512 1728:512 1664:512 1600:512 1536:512 1472:576 1408:640 1344:704 ' +
  '1280:768 1216:832 1152:896 1088:960 1024:1024 960:1088 896:1152 832:1216 768:1280 704:1344 640:1408 576:1472 ' +
  '512:1536 512:1600 512:1664 512:1728 512:1792 512:1856 512:1920 512:1984 512:2048 768:1024 720:1280 1024:768 1280:720'
)
  .split(' ')
  .map(parse);

function parse(text: string): Size {
  const [width = 0, height = 0] = text.split(':').map(Number);
  return { width, height };
}

/** @throws {ServiceError} for what is not `W:H` within the limits. */
export function parseResolution(text: string, area: number = 1024 * 1024): Size {
  if (!/^\d{1,5}:\d{1,5}$/.test(text)) throw wrongValue('Resolution 格式应为 宽:高');
  const size = parse(text);
  if (Math.min(size.width, size.height) < 512 || Math.max(size.width, size.height) > 2048)
    throw wrongValue('Resolution 宽高需在 [512, 2048] 像素范围内');
  if (size.width * size.height > area) throw wrongValue('Resolution 宽高乘积不超过 1024×1024 像素');
  return size;
}

function nearestPreset(size: Size): Size {
  const ratio = Math.log(size.width / size.height);
  const distance = (preset: Size): number => Math.abs(Math.log(preset.width / preset.height) - ratio);
  return presets.reduce((best, preset) => (distance(preset) < distance(best) ? preset : best));
}

/**
 * The size of a picture that follows a reference: in the same ratio bucket as the requested size the reference's own
 * ratio on an area of about 1024 x 1024, otherwise the preset nearest to the reference.
 */
export function adaptSize(requested: Size, reference: Size): Size {
  const preset = nearestPreset(reference);
  if (preset !== nearestPreset(requested)) return preset;
  const scale = Math.sqrt((1024 * 1024) / (reference.width * reference.height));
  return { width: Math.round(reference.width * scale), height: Math.round(reference.height * scale) };
}
