import { CanvasTexture, Sprite, SpriteMaterial, SRGBColorSpace } from 'three';

/** A name above its cut-out. */
export function labelSprite(text: string): Sprite {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  const font = '500 44px system-ui, "Noto Sans CJK SC", sans-serif';
  const short = Array.from(text).length > 24 ? `${Array.from(text).slice(0, 23).join('')}…` : text;
  if (context !== null) {
    context.font = font;
    canvas.width = Math.ceil(context.measureText(short).width) + 48;
    canvas.height = 76;
    // Setting the size has reset the font.
    context.font = font;
    context.fillStyle = 'rgba(20, 22, 28, 0.78)';
    context.beginPath();
    context.roundRect(0, 0, canvas.width, canvas.height, 18);
    context.fill();
    context.fillStyle = '#fff7ea';
    context.textBaseline = 'middle';
    context.fillText(short, 24, canvas.height / 2 + 2);
  }
  const texture = new CanvasTexture(canvas);
  texture.colorSpace = SRGBColorSpace;
  const sprite = new Sprite(new SpriteMaterial({ map: texture, depthTest: false }));
  const high = 0.19;
  sprite.scale.set((high * canvas.width) / Math.max(canvas.height, 1), high, 1);
  return sprite;
}
