/** Wireshark's reading of a capture: `tshark` with its SPICE dissector, which shares no code with ours or SPICE's. */

import type { Capture, CapturedMessage } from "../capture.ts";
import { pcapOf, type PcapUnit } from "./pcap.ts";
import { mustRunProcess } from "./process.ts";
import { makeTempDir } from "./temp_dir.ts";

/** What tshark makes of one message, or of one structure of the link. */
export interface Dissected extends PcapUnit {
  /**
   * As `Client KEY_DOWN` or `Client ticket`; several, separated by commas, when it reads several from the bytes; empty
   * when it waits for more bytes.
   */
  readonly name: string;
  /** Message types in the data headers that it reads. */
  readonly types: readonly number[];
  /** Body sizes in those headers, or in the header of the link. */
  readonly sizes: readonly number[];
  /** Warnings and errors, as `Malformed Packet (Exception occurred)`. */
  readonly complaints: readonly string[];
  /** Values of a field of tshark, in the order of the bytes. */
  values(field: string): readonly bigint[];
}

/** How a capture is read. */
export interface DissectOptions {
  /** Names of fields whose values are wanted; numbers only, as `spice.keyboard_key_code`. */
  readonly fields?: readonly string[];
  /** Tells after which messages tshark no longer knows where the next one begins; it is shown the rest anew. */
  readonly losesCount?: (message: CapturedMessage) => boolean;
}

const PORT = 5930;
/** Stands between the values of one field; not in any text of tshark's. */
const BETWEEN = "\x1f";
const OWN = ["spice.message_type", "spice.message_size", "_ws.expert.severity", "_ws.expert.message"] as const;
const INFO = "_ws.col.Info";
/** Severities below this one are notes, as that a mask without a bitmap needs no position. Source: epan/proto.h PI_WARN. */
const WARNING = 0x600000;

/**
 * Let tshark read a capture.
 *
 * @param capture One scenario.
 * @param options What to read, and how.
 * @returns One entry for each message and each structure of the link, connection by connection.
 * @throws {Error} When tshark fails, or reads a message where the capture has none.
 */
export async function dissect(capture: Capture, options: DissectOptions = {}): Promise<Dissected[]> {
  const { fields = [], losesCount = () => false } = options;
  await using dir = await makeTempDir("tshark");
  const { bytes, units } = pcapOf(capture, PORT, losesCount);
  await Deno.writeFile(`${dir.path}/capture.pcap`, bytes);
  const columns = ["frame.number", INFO, ...OWN, ...fields];
  const { stdout } = await mustRunProcess("tshark", [
    ...["-n", "-r", `${dir.path}/capture.pcap`, "-d", `tcp.port==${PORT},spice`, "-Y", "spice"],
    ...["-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", `aggregator=${BETWEEN}`],
    ...columns.flatMap((column) => ["-e", column]),
  ]);
  const rows = new Map<number, ReadonlyMap<string, readonly string[]>>();
  for (const line of stdout.split("\n").filter((line) => line !== "")) {
    const cells = line.split("\t").map((cell) => cell === "" ? [] : cell.split(BETWEEN));
    rows.set(Number(cells[0]![0]), new Map(columns.map((column, i) => [column, cells[i] ?? []])));
  }
  const dissected = units.map((unit) => dissectedUnit(unit, rows.get(unit.frame) ?? new Map()));
  for (const { frame } of units) rows.delete(frame);
  for (const [frame, row] of rows) {
    if (row.get("spice.message_type")!.length > 0) throw new Error(`tshark reads ${row.get(INFO)} in packet ${frame}`);
  }
  return dissected;
}

function dissectedUnit(unit: PcapUnit, row: ReadonlyMap<string, readonly string[]>): Dissected {
  const all = (column: string): readonly string[] => row.get(column) ?? [];
  const severities = all("_ws.expert.severity").map(Number);
  return {
    ...unit,
    // "[" begins what TCP or a failed reading says, "(" what a picture in the message is.
    name: all(INFO).join(" ").replace(/ ?[[(].*$/, ""),
    types: all("spice.message_type").map(Number),
    sizes: all("spice.message_size").map(Number),
    complaints: all("_ws.expert.message").filter((_, i) => severities[i]! >= WARNING),
    values: (field) => {
      const texts = row.get(field);
      if (texts === undefined && row.size > 0) {
        throw new RangeError(`Cannot read ${field}: tshark was not asked for it`);
      }
      return (texts ?? []).map(BigInt);
    },
  };
}
