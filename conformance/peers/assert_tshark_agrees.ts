/** That tshark reads the same messages as our schema, from the bytes of a session. */
import assert from "node:assert/strict";
import type { Capture, CapturedMessage } from "../capture.ts";
import type { LinkPart } from "./pcap.ts";
import { dissect, type Dissected } from "./tshark.ts";
import { TSHARK_WEAKNESSES, type TsharkWeakness } from "./tshark_weaknesses.ts";

/** Channels that tshark 4.0 can read: the others it does not know, or swaps their directions. */
const READABLE: readonly string[] = ["main", "display", "inputs", "cursor", "playback"];

const LINK_NAMES: Readonly<Record<LinkPart, string>> = {
  "link message": "Client link message",
  "link reply": "Server link message",
  "authentication mechanism": "Client authentication method selection",
  ticket: "Client ticket",
  "link result": "Server ticket",
};

/**
 * Compares, for every structure of the link and every message of the channels that tshark knows: name, type and size in
 * the data header, and whether tshark complains. What it is known to read wrong must be wrong indeed.
 *
 * @param capture The session.
 * @param session Its name in {@linkcode TSHARK_WEAKNESSES}.
 * @param fields Names of fields whose values the caller wants.
 * @returns What tshark read, on those channels.
 * @throws {AssertionError} With the messages read differently, or the weaknesses that did not show.
 */
export async function assertTsharkAgrees(
  capture: Capture,
  session: string,
  fields: readonly string[] = [],
): Promise<Dissected[]> {
  const readable = {
    ...capture,
    connections: capture.connections.filter(({ channel }) => READABLE.includes(channel.name)),
  };
  const weak = TSHARK_WEAKNESSES.filter(({ sessions }) => sessions.includes(session));
  const expected = expectedFindings(weak);
  const dissected = await dissect(readable, { fields, losesCount: anyLosesCount(readable, weak) });
  assert.deepEqual(findingsIn(dissected), expected);
  for (const one of weak.filter(({ losesCount }) => losesCount)) {
    const others = weak.filter((other) => other !== one);
    const without = findingsIn(await dissect(readable, { losesCount: anyLosesCount(readable, others) }));
    assert.notDeepEqual(without, expected, `tshark does not lose count after ${one.message}`);
  }
  return dissected;
}

/** What differs: message to its findings, both sorted. */
type Findings = Readonly<Record<string, readonly string[]>>;

function findingsIn(dissected: readonly Dissected[]): Findings {
  const found = new Map<string, Set<string>>();
  for (const one of dissected) {
    for (const finding of findingsOf(one)) {
      const key = keyOf(one);
      found.set(key, (found.get(key) ?? new Set()).add(finding));
    }
  }
  return sorted([...found].map(([message, findings]) => [message, [...findings]]));
}

function expectedFindings(weak: readonly TsharkWeakness[]): Findings {
  return sorted(weak.filter(({ findings }) => findings.length > 0).map(({ message, findings }) => [message, findings]));
}

function findingsOf({ is, name, types, sizes, from, connection, complaints }: Dissected): string[] {
  const findings = complaints.map(complaintKind);
  if (typeof is === "string") {
    if (name !== LINK_NAMES[is]) findings.push(`named "${name}"`);
    return findings;
  }
  if (types.length > 1) return [...findings, "read as several messages"];
  const prefix = `${connection.channel.name.toUpperCase()}_`;
  const ours = is.declaration?.name.replace(new RegExp(`^${prefix}`), "");
  if (name !== `${from === "client" ? "Client" : "Server"} ${ours}`) findings.push(`named "${name}"`);
  if (types[0] !== is.type) findings.push(`of type ${types[0]}`);
  if (sizes[0] !== is.body.length) findings.push(`of ${sizes[0]} bytes, not ${is.body.length}`);
  return findings;
}

/** The complaint without message names, line numbers and other things that differ from one message to the next. */
function complaintKind(complaint: string): string {
  if (complaint.startsWith("Malformed Packet")) return "malformed";
  if (complaint.includes("failed assertion")) return "dissector bug";
  if (complaint.endsWith("not fully dissected")) return "not fully dissected";
  return complaint;
}

function anyLosesCount(
  { connections }: Capture,
  weak: readonly TsharkWeakness[],
): (message: CapturedMessage) => boolean {
  const names = weak.filter(({ losesCount }) => losesCount).map(({ message }) => message);
  const losing = new Set(
    connections.flatMap(({ channel, messages }) =>
      [...messages.client, ...messages.server].filter(({ from, declaration }) =>
        names.includes(`${channel.name} ${from} ${declaration?.name}`)
      )
    ),
  );
  return (message) => losing.has(message);
}

function keyOf({ connection, from, is }: Dissected): string {
  return `${connection.channel.name} ${from} ${
    typeof is === "string" ? is : is.declaration?.name ?? `type ${is.type}`
  }`;
}

function sorted(entries: readonly (readonly [string, readonly string[]])[]): Findings {
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => a < b ? -1 : 1).map(([message, findings]) => [message, findings.toSorted()]),
  );
}
