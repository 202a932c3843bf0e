/** JPEG: memory that is kept from one image to the next. */

/** Working memory of both ways. It holds nothing between two images. */
export class JpegWork {
  #planes: Uint8ClampedArray[] = [];
  #bytes = new Uint8Array(0);
  #coefficients = new Int16Array(0);
  #kinds = new Uint8Array(0);
  #samples = new Uint8Array(0);
  #sums = new Int32Array(0);
  /** Of a transform of 64 values, any content. @internal */
  readonly block: Int32Array = new Int32Array(64);

  /** Samples of the n-th component, any content. @internal */
  plane(n: number, size: number): Uint8ClampedArray {
    const had = this.#planes[n];
    if (had !== undefined && had.length >= size) return had;
    return this.#planes[n] = new Uint8ClampedArray(size);
  }

  /** At least so many bytes, any content; what was there stays when more are asked for. @internal */
  bytes(size: number): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length < size) {
      const more = new Uint8Array(Math.max(size, this.#bytes.length * 2));
      more.set(this.#bytes);
      this.#bytes = more;
    }
    return this.#bytes;
  }

  /** 64 values for each of so many blocks, any content. @internal */
  coefficients(blocks: number): Int16Array {
    if (this.#coefficients.length < blocks * 64) this.#coefficients = new Int16Array(blocks * 64);
    return this.#coefficients;
  }

  /** A byte for each of so many blocks, any content. @internal */
  kinds(blocks: number): Uint8Array {
    if (this.#kinds.length < blocks) this.#kinds = new Uint8Array(blocks);
    return this.#kinds;
  }

  /** So many sums, all 0; they must be 0 again afterwards. @internal */
  sums(size: number): Int32Array {
    if (this.#sums.length < size) this.#sums = new Int32Array(size);
    return this.#sums;
  }

  /** Samples of a row of MCUs, any content. @internal */
  samples(size: number): Uint8Array {
    if (this.#samples.length < size) this.#samples = new Uint8Array(size);
    return this.#samples;
  }
}
