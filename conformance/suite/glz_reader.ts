/**
 * A reader of GLZ streams, for cases that judge servers: it keeps what images hold, and fails at a reference that a client
 * could not follow. It is made to be right at a glance, not fast.
 *
 * Source: spice-gtk src/decode-glz.c decode_header, src/decode-glz-tmpl.c.
 */
import { fail, must } from "./verdict.ts";

/** The header of a GLZ stream. */
export interface GlzHead {
  readonly type: number;
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly id: bigint;
  readonly winHeadDist: number;
}

/** Reads the header. @throws {Finding} `failed`: it is none. */
export function readGlzHead(data: Uint8Array): GlzHead {
  if (data.length < 33) return fail(`its GLZ stream has ${data.length} bytes`);
  const view = new DataView(data.buffer, data.byteOffset, 33), magic = view.getUint32(0), version = view.getUint32(4);
  must(magic === 0x20205a4c, `its GLZ stream begins with 0x${magic.toString(16)}`);
  must(version === 0x00010001, `its GLZ stream is of version 0x${version.toString(16)}`);
  return {
    type: data[8]! & 15,
    topDown: data[8]! >> 4 !== 0,
    width: view.getUint32(9),
    height: view.getUint32(13),
    id: view.getBigUint64(21),
    winHeadDist: view.getUint32(29),
  };
}

/** A client's side of the window. */
export class GlzReader {
  /** Type and number of pixels of each image that may still be referred to. */
  readonly #images = new Map<bigint, { type: number; count: number }>();
  #last: bigint | null = null;

  /**
   * Reads an image.
   * @throws {Finding} `failed`: it is broken, its id does not count up, or it refers to what is not in the window.
   */
  read(data: Uint8Array): GlzHead {
    const head = readGlzHead(data), { type, width, height, id, winHeadDist } = head, count = width * height;
    must(type >= 6 && type <= 9, `its GLZ image ${id} is of type ${type}`);
    must(count < 1 << 26, `its GLZ image ${id} has ${width} × ${height} pixels`);
    must(this.#last === null || id === this.#last + 1n, `its GLZ image ${id} comes after image ${this.#last}`);
    must(BigInt(winHeadDist) <= id, `the window of its GLZ image ${id} begins ${winHeadDist} images before it`);
    this.#last = id;
    let at = this.#pass(data, 33, head, type === 6 ? 2 : 3, type === 6 ? 1 : 0);
    if (type === 9) at = this.#pass(data, at, head, 1, 2);
    must(at === data.length, `its GLZ image ${id} has ${data.length - at} bytes behind its last pixel`);
    this.#images.set(id, { type, count });
    for (const old of this.#images.keys()) if (old < id - BigInt(winHeadDist)) this.#images.delete(old);
    return head;
  }

  /** One pass over all pixels. @returns Where it ends. */
  #pass(data: Uint8Array, from: number, head: GlzHead, unitBytes: number, bias: number): number {
    const { id, width, height, type, winHeadDist } = head, count = width * height;
    let at = from, done = 0;
    const byte = () => data[at++] ?? fail(`its GLZ image ${id} ends after ${done} of ${count} pixels`);
    while (done < count) {
      const control = byte();
      if (control < 32) {
        at += (control + 1) * unitBytes;
        must(at <= data.length, `its GLZ image ${id} ends in a literal`);
        done += control + 1;
        continue;
      }
      let length = control >> 5;
      for (let more = length === 7 ? 255 : 0; more === 255; length += more) more = byte();
      length += bias;
      const low = byte(), code = byte(), far = (control & 16) !== 0;
      let offset = control & 15 | low << 4, images = far ? 0 : code & 63;
      if (far) offset += (code & 31) << 12;
      for (let i = 0; i < code >> 6; i++) images += byte() * 2 ** ((far ? 0 : 6) + 8 * i);
      if (far && (code & 32) !== 0) offset += byte() << 17;
      if (images === 0) must(offset < done, `its GLZ image ${id} refers to before its first pixel`);
      else {
        must(
          images <= winHeadDist,
          `its GLZ image ${id} refers ${images} images back, its window begins ${winHeadDist} back`,
        );
        const other = this.#images.get(id - BigInt(images)) ??
          fail(`its GLZ image ${id} refers to image ${id - BigInt(images)}, which the client does not have`);
        must(other.type === type, `its GLZ image ${id} of type ${type} refers to one of type ${other.type}`);
        must(offset + length <= other.count, `its GLZ image ${id} refers to beyond the end of another`);
      }
      done += length;
    }
    must(done === count, `its GLZ image ${id} goes beyond its last pixel`);
    return at;
  }
}
