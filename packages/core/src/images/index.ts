export { downloadImage } from './download-image.ts';
export type { DownloadImageOptions } from './download-image.ts';
export { ImageInspector, ImageWatch } from './image-inspector.ts';
export type { InspectedImage } from './image-inspector.ts';
export type { ImageInfo, ImageMediaType } from './image-info.ts';
export { inspectImage } from './inspect-image.ts';
