/** What a machine shows, as pictures: the least that a server does with it. */

import type { CursorShape } from "../../canvas/cursor.ts";
import type { Rect } from "../../canvas/rect.ts";
import type { Picture } from "./picture.ts";

/** Something drawn, as machines say it. */
export type SeenDrawable =
  | { readonly kind: "pixels"; readonly area: Rect; readonly pixels: Uint32Array }
  | { readonly kind: "fill"; readonly area: Rect; readonly color: number }
  | { readonly kind: "copy"; readonly area: Rect; readonly from: { readonly x: number; readonly y: number } };

/** Takes the calls of a machine and keeps the result. */
export class VdiPicture {
  /** Picture by head. */
  readonly heads = new Map<number, Picture>();
  /** Shape of the last cursor of each head; null when it is not to be seen. */
  readonly cursors = new Map<number, CursorShape | null>();
  /** All sizes that heads had, as `1024x768`, in order. */
  readonly sizes: string[] = [];
  /** Heads that take other sizes. */
  readonly resizableHeads = new Set<number>();
  name: string | null = null;
  /** In hexadecimal digits. */
  uuid: string | null = null;
  modifiers: number | null = null;
  modes: { readonly absolute: boolean; readonly relative: boolean } | null = null;
  /** Calls of `draw`. */
  drawn = 0;

  identity(name: string | null, uuid: Uint8Array | null = null): void {
    this.name = name;
    this.uuid = uuid?.toHex() ?? null;
  }

  head(head: number, size: { readonly width: number; readonly height: number } | null): void {
    if (size === null) {
      this.heads.delete(head);
      this.sizes.push("none");
      return;
    }
    const { width, height } = size;
    this.heads.set(head, { width, height, pixels: new Uint32Array(width * height) });
    this.sizes.push(`${width}x${height}`);
  }

  resizable(head: number, can: boolean): void {
    if (can) this.resizableHeads.add(head);
    else this.resizableHeads.delete(head);
  }

  drawing(): void {}

  draw(head: number, drawable: SeenDrawable): void {
    this.drawn++;
    const picture = this.heads.get(head), { left, top, right, bottom } = drawable.area;
    if (
      picture === undefined || right > picture.width || bottom > picture.height ||
      !(left >= 0 && top >= 0 && left < right && top < bottom)
    ) {
      throw new RangeError(`A machine draws ${left},${top} to ${right},${bottom} on head ${head}, which lacks that`);
    }
    const width = right - left, before = drawable.kind === "copy" ? picture.pixels.slice() : null;
    for (let y = top; y < bottom; y++) {
      const row = picture.pixels.subarray(y * picture.width + left, y * picture.width + right);
      if (drawable.kind === "fill") row.fill(drawable.color);
      else if (drawable.kind === "pixels") row.set(drawable.pixels.subarray((y - top) * width, (y - top + 1) * width));
      else if (before !== null) {
        const from = (drawable.from.y + y - top) * picture.width + drawable.from.x;
        row.set(before.subarray(from, from + width));
      }
    }
  }

  cursor(head: number, cursor: { readonly shape: CursorShape | null; readonly visible: boolean }): void {
    this.cursors.set(head, cursor.visible ? cursor.shape : null);
  }

  leds(modifiers: number): void {
    this.modifiers = modifiers;
  }

  mouseModes(modes: { readonly absolute: boolean; readonly relative: boolean }): void {
    this.modes = modes;
  }
}
