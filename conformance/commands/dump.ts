/** `conformance dump`: the messages of a capture, readable. */
import type { Arguments } from "../../cli/arguments.ts";
import { ExitCode } from "../../cli/exit_code.ts";
import { parseChoice } from "../../cli/values.ts";
import type { ChannelName } from "../../protocol/messages/channels.ts";
import { channels } from "../../protocol/messages/channels.ts";
import type { Sender } from "../../protocol/schema/message.ts";
import { readConnectionsAt } from "../capture.ts";
import { isFinished, linkEndText } from "../captured_link.ts";
import { dumpEntries, type DumpEntry } from "../dump_entries.ts";
import { globMatcher } from "../glob.ts";
import type { Command } from "../../cli/command.ts";

/** See {@link Command}. */
export const dump: Command = {
  name: "dump",
  summary: "Print the messages of a capture, field by field",
  usage: "<capture>",
  details: [
    "Messages of all connections stand in the order in which they came. The first line of each names connection, channel,",
    "seconds since the start, sender, offset in the sender's stream, serial, name and size.",
  ],
  examples: [
    "dump conformance/vectors/streams/ops-off.tar.gz --channel display --message 'DISPLAY_DRAW_*'",
    "dump conformance/vectors/streams/ops-off.tar.gz --connection 00 --from client --json",
  ],
  options: [
    { name: "channel", value: "NAME", about: "only channels of this name, as display" },
    { name: "connection", value: "NN", about: "only this connection, as 00" },
    { name: "from", value: "client|server", about: "only what this side sent" },
    { name: "message", value: "GLOB", about: "only messages whose name fits, as 'DISPLAY_DRAW_*'" },
    { name: "hex", about: "the bytes, too" },
    { name: "json", about: "one object of JSON a line: u64 as strings, bytes as hexadecimal" },
  ],
  takes: [1, 1],
  prepare(args) {
    const wanted = filterOf(args);
    const [hex, json] = [args.flag("hex"), args.flag("json")];
    return async (world) => {
      const read = readConnectionsAt(args.positionals[0]!);
      let fine = true;
      for (const one of read) {
        if (!("error" in one)) continue;
        fine = false;
        world.warn(`${one.name}: ${one.error.message}`);
      }
      const connections = read.flatMap((one) => {
        if ("connection" in one) return [one.connection];
        return "handshake" in one ? [one.handshake] : [];
      });
      for (const { name, link } of connections) {
        if (!isFinished(link)) world.warn(`${name}: ${linkEndText(link)}`);
      }
      for (const entry of dumpEntries(connections)) {
        if (!wanted(entry)) continue;
        if (entry.error !== null) fine = false;
        await world.out(json ? JSON.stringify(jsonOf(entry, hex)) : textOf(entry, hex));
      }
      return fine ? ExitCode.DONE : ExitCode.FAILED;
    };
  },
};

function filterOf(args: Arguments): (entry: DumpEntry) => boolean {
  // The keys of the table are what ChannelName is made of.
  const names = Object.keys(channels) as ChannelName[];
  const channel = args.read("channel", (what, text) => parseChoice(what, text, names));
  const from = args.read("from", (what, text): Sender => parseChoice(what, text, ["client", "server"]));
  const connection = args.text("connection");
  const message = globMatcher(args.text("message") ?? "*");
  return (entry) =>
    (channel === undefined || entry.channel === channel) && (from === undefined || entry.from === from) &&
    (connection === undefined || Number(entry.connection) === Number(connection)) && message(entry.message);
}

function textOf(entry: DumpEntry, hex: boolean): string {
  const { connection, channel, channelId, seconds, from, offset, serial, message, bytes, error, print } = entry;
  const number = serial === null ? "" : ` serial ${serial}`;
  const head = `${connection} ${channel} ${channelId} +${seconds.toFixed(6)} ${from} byte ${offset}${number}: ` +
    `${message}, ${bytes.length} bytes`;
  // The first line of the printed value is its name again.
  const value = error === null ? print().split("\n").slice(1) : [`  ${error.message}`];
  return [head, ...value, ...(hex ? hexLines(bytes) : [])].join("\n");
}

function jsonOf(entry: DumpEntry, hex: boolean): Readonly<Record<string, unknown>> {
  const { json, print: _print, bytes, error, serial, ...rest } = entry;
  return {
    ...rest,
    serial: serial === null ? null : String(serial),
    size: bytes.length,
    ...(error === null ? { value: json() } : { error: { code: error.code, message: error.message } }),
    ...(hex ? { bytes: bytes.toHex() } : {}),
  };
}

function hexLines(bytes: Uint8Array): string[] {
  return Array.from({ length: Math.ceil(bytes.length / 16) }, (_, i) => {
    const row = [...bytes.subarray(16 * i, 16 * i + 16)];
    const digits = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const letters = row.map((byte) => byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".").join("");
    return `  ${(16 * i).toString(16).padStart(6, "0")}  ${digits.padEnd(47)}  ${letters}`;
  });
}
