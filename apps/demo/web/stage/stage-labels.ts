import { placeLabels } from './place-labels.ts';

/** Where a label should stand, and how far its object is from the viewer. */
export interface LabelPoint {
  readonly id: string;
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly distance: number;
}

/** The names above the objects, as text over the canvas. */
export class StageLabels {
  readonly #layer: HTMLElement;
  readonly #labels = new Map<string, HTMLElement>();
  /** Measured once for each name: reading sizes while turning would force a layout for every frame. */
  readonly #sizes = new Map<string, { readonly width: number; readonly height: number }>();

  constructor(layer: HTMLElement) {
    this.#layer = layer;
  }

  /** Shows these names, the nearest first where there is not enough room. */
  place(points: readonly LabelPoint[]): void {
    const nearest = [...points].sort((a, b) => a.distance - b.distance);
    const known = new Set(points.map(({ id }) => id));
    for (const [id, label] of this.#labels) {
      if (known.has(id)) continue;
      label.remove();
      this.#labels.delete(id);
    }
    const wanted = nearest.map((point) => ({ ...point, ...this.#sizeOf(point) }));
    const places = placeLabels(wanted, { width: this.#layer.clientWidth, height: this.#layer.clientHeight });
    for (const [index, { id }] of nearest.entries()) {
      const label = this.#labels.get(id);
      const place = places[index];
      if (label === undefined) continue;
      label.style.opacity = place === undefined ? '0' : '1';
      if (place !== undefined) label.style.translate = `${Math.round(place.left)}px ${Math.round(place.top)}px`;
    }
  }

  clear(): void {
    this.place([]);
    this.#sizes.clear();
  }

  #sizeOf({ id, name }: LabelPoint): { readonly width: number; readonly height: number } {
    let label = this.#labels.get(id);
    if (label === undefined) {
      label = document.createElement('span');
      this.#labels.set(id, label);
      this.#layer.append(label);
    }
    if (label.textContent !== name) {
      label.textContent = name;
      this.#sizes.set(id, { width: label.offsetWidth, height: label.offsetHeight });
    }
    return this.#sizes.get(id) ?? { width: 0, height: 0 };
  }
}
