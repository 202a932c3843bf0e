/** @returns A whole number within bounds. What is no number counts as the least, so that nothing odd gets sent. */
export function clamp(value: number, least: number, most: number): number {
  return value > least ? Math.min(Math.trunc(value), most) : least;
}
