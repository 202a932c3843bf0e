/** What a capture covers, from the bytes of its connections in the order in which they came. */
import type { ProtocolError } from "../../protocol/errors.ts";
import type { Sender } from "../../protocol/schema/message.ts";
import { connectionNames, readCaptureFiles } from "../capture_files.ts";
import { readCleared } from "../cleared.ts";
import { CacheMarker } from "./cache_steps.ts";
import { ConnectionMarker, type Mark } from "./connection_marker.ts";

/** One read of the recorder. */
export interface StreamRead {
  /** Seconds, of no known epoch. */
  readonly time: number;
  /** Number of the connection, as `00`. */
  readonly connection: string;
  readonly from: Sender;
  readonly bytes: Uint8Array;
  /** Sides whose link message the recorder changed. */
  readonly changed?: ReadonlySet<Sender>;
}

/** What a capture covers. */
export interface CaptureMarks {
  readonly marks: readonly Mark[];
  /** Connections that could not be read to their end, and why. */
  readonly broken: readonly { readonly connection: string; readonly error: ProtocolError }[];
}

/**
 * Marks a capture.
 *
 * @param reads In the order in which they came. A main channel begins a session, which later connections are part of,
 *   unless it names one that is there: then the session comes from another server, and its caches with it.
 */
export function markCapture(reads: Iterable<StreamRead>): CaptureMarks {
  let caches = new CacheMarker();
  const markers = new Map<string, ConnectionMarker>(), marks = new Map<string, Mark>();
  for (const { connection, from, bytes, changed } of reads) {
    const marker = markers.get(connection) ?? new ConnectionMarker(({ channel, connectionId }) => {
      if (channel.name === "main" && connectionId === 0) caches = new CacheMarker();
      return caches;
    }, changed);
    markers.set(connection, marker);
    for (const mark of marker.receive(from, bytes)) marks.set(`${mark.from} ${mark.address}`, mark);
  }
  const broken = [...markers].flatMap(([connection, { broken }]) => {
    return broken === null ? [] : [{ connection, error: broken }];
  });
  return { marks: [...marks.values()], broken };
}

/**
 * Reads the bytes of a capture.
 *
 * @param path A `.tar.gz`, or a folder.
 * @returns Its reads by time. Bytes that the index does not tell of come last.
 * @throws {CaptureError} `unreadable`, `missing-file`.
 */
export function captureReads(path: string): StreamRead[] {
  const files = readCaptureFiles(path), file = (name: string) => files.get(name) ?? new Uint8Array();
  const reads = connectionNames(files).flatMap((connection) => {
    const changed = new Set(readCleared(connection, files.get(`${connection}.alt`)).map(({ from }) => from));
    const left: Record<Sender, Uint8Array> = { client: file(`${connection}.c2s`), server: file(`${connection}.s2c`) };
    const take = (time: number, from: Sender, length: number): StreamRead => {
      const bytes = left[from].subarray(0, length);
      left[from] = left[from].subarray(length);
      return { time, connection, from, bytes, changed };
    };
    const lines = new TextDecoder().decode(file(`${connection}.idx`)).split("\n");
    const told = lines.filter((line) => line !== "").map((line) => {
      const [time, direction, length] = line.split(" ");
      return take(Number(time), direction === ">" ? "client" : "server", Number(length));
    });
    return [...told, take(Infinity, "client", Infinity), take(Infinity, "server", Infinity)];
  });
  return reads.sort((a, b) => a.time === b.time ? 0 : a.time - b.time);
}
