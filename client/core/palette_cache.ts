/** Palettes that the server may name again, for one display channel. */

/** Source: spice-server server/cache-item.tmpl.cpp (128 palettes, oldest out); spice-gtk palette_cache. */
export class PaletteCache {
  readonly #palettes = new Map<bigint, Uint32Array>();

  constructor(
    /** Most palettes kept; the oldest goes first. */
    readonly limit: number,
  ) {}

  /** @returns The palette, or `undefined`. */
  get(id: bigint): Uint32Array | undefined {
    return this.#palettes.get(id);
  }

  /** Keeps a palette, in place of any of the same id. */
  put(id: bigint, palette: Uint32Array): void {
    this.#palettes.delete(id);
    this.#palettes.set(id, palette);
    if (this.#palettes.size <= this.limit) return;
    for (const oldest of this.#palettes.keys()) {
      this.#palettes.delete(oldest);
      return;
    }
  }

  /** Forgets a palette. */
  delete(id: bigint): void {
    this.#palettes.delete(id);
  }

  /** Forgets all. */
  clear(): void {
    this.#palettes.clear();
  }
}
