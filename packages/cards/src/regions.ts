/** What a pixel of an analysed picture belongs to. */
export const region = {
  /** Stands out from the ground. */
  object: 0,
  /** The ground, as reached from the border; also where the picture is transparent. */
  ground: 1,
  /** A soft shadow or glow on the ground. */
  soft: 2,
  /** Ground that is seen through an opening of the object. */
  opening: 3,
} as const;
