/**
 * The files through which a reference program gets pictures or streams, and gives what it made of them.
 *
 * ```text
 * in    a record a picture   u32 type, width, height, topDown (0 or 1), bytes; then so many bytes
 * out   a record a picture   u32 bytes; then so many bytes
 * ```
 * All numbers are little-endian. The usage of `deno task bench` says what type and bytes are.
 */

/** A picture or a stream. */
export interface CodecRecord {
  readonly type: number;
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly data: Uint8Array;
}

const HEAD_BYTES = 20;

/** @returns The bytes of the file `in`. */
export function writeRecords(records: readonly CodecRecord[]): Uint8Array<ArrayBuffer> {
  const size = records.reduce((sum, { data }) => sum + HEAD_BYTES + data.length, 0);
  const bytes = new Uint8Array(size), view = new DataView(bytes.buffer);
  let at = 0;
  for (const { type, width, height, topDown, data } of records) {
    for (const word of [type, width, height, topDown ? 1 : 0, data.length]) {
      view.setUint32(at, word, true);
      at += 4;
    }
    bytes.set(data, at);
    at += data.length;
  }
  return bytes;
}

/**
 * @param bytes The file `out`.
 * @param count How many records there must be.
 * @throws {RangeError} There are more or fewer, or the last one is cut.
 */
export function readResults(bytes: Uint8Array, count: number): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length), results: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = at + 4 <= bytes.length ? view.getUint32(at, true) : Infinity;
    if (at + 4 + size > bytes.length) throw new RangeError(`Result ${results.length} is cut at byte ${bytes.length}`);
    results.push(bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  if (results.length !== count) throw new RangeError(`${results.length} results, need ${count}`);
  return results;
}
