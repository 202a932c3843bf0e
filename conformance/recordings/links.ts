/** Recordings of links that servers refuse, and of links that two peers make with less than both can do. */

import { CommonCap, MainCap } from "../../protocol/capabilities.ts";
import { channels } from "../../protocol/messages/channels.ts";
import { MainInit } from "../../protocol/messages/main.ts";
import { SpiceLinkMess } from "../../protocol/messages/link.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { concat, encodeBytes } from "../../protocol/schema/encode.ts";
import { parseUri } from "../../protocol/uri.ts";
import type { Clearing } from "../cleared.ts";
import { freePort } from "../peers/free_port.ts";
import { type Libspice, type LibspiceOptions, startLibspice } from "../peers/libspice_generator.ts";
import { mustRunProcess } from "../peers/process.ts";
import { startQemu } from "../peers/qemu.ts";
import { type SpiceGtk, type SpiceGtkOptions, startSpiceGtk } from "../peers/spice_gtk.ts";
import { startTap } from "../peers/tap.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { makeTlsCertificates } from "../peers/tls_certificates.ts";
import { pause, waitUntil } from "../peers/wait_until.ts";
import { type Recorded, type Recording, recordSpiceGtk } from "./recording.ts";
import { linkMessage, openScripted, readReply, type ScriptedMess, ticketFor } from "./scripted_link.ts";

/** All of them. */
export const LINK_RECORDINGS: readonly Recording[] = [
  { name: "libspice-refused", record: () => recordRefused() },
  { name: "libspice-wrong-ticket", record: () => recordWrongTicket() },
  { name: "libspice-older-link", record: () => recordOlderLink() },
  { name: "libspice-older-cache", record: () => recordOlderCache() },
  { name: "qemu-secured", record: () => recordSecured() },
  { name: "qemu-sasl", record: () => recordSasl() },
];

const TICKET = "throw-away";
const { PROTOCOL_AUTH_SELECTION, AUTH_SPICE, MINI_HEADER } = CommonCap;
const COMMON = [PROTOCOL_AUTH_SELECTION, AUTH_SPICE, MINI_HEADER];
/** A channel that SPICE once had, and one that it never had. */
const TUNNEL = 7, NO_CHANNEL = 200;

/** Every way in which libspice turns a link down that needs no TLS, provoked by a scripted client. */
async function recordRefused(): Promise<Recorded> {
  await using server = await startLibspice({ unix: true, ticket: TICKET });
  await using tap = await startTap(server.uri, { unix: true });
  /** Says something that the server answers by closing the connection. */
  const refused = async (...chunks: readonly Uint8Array[]) => {
    const link = await openScripted(tap.uri);
    await link.send(...chunks);
    await link.end();
    link.close();
  };
  const tooManyCaps = encodeBytes(SpiceLinkMess, { ...MESS, caps: { common: [9], channel: [] } });
  // The number of common capabilities, with no more of them than before.
  new DataView(tooManyCaps.buffer, tooManyCaps.byteOffset).setUint32(6, 1000, true);
  await refused(linkMessage({ magic: 0x45434950 }));
  await refused(linkMessage({ majorVersion: 3 }));
  await refused(linkMessage({ body: new Uint8Array(10) }));
  await refused(linkMessage({ size: 5000 }));
  await refused(linkMessage({ body: tooManyCaps }));
  // No reply at all: not a channel of this server, not a channel of SPICE.
  await refused(linkMessage({ channelType: TUNNEL, common: COMMON }));
  await refused(linkMessage({ channelType: NO_CHANNEL, common: COMMON }));

  const main = await openScripted(tap.uri);
  await main.send(linkMessage({ common: COMMON }));
  await main.send(u32(AUTH_SPICE), await ticketFor(await readReply(main), TICKET));
  // The result, and the header of the first message.
  await main.read(4 + 6);
  const { sessionId } = decode(MainInit.wire, await main.read(32));

  /** Links up to the choice of a mechanism, lets something happen, and says the rest. */
  const linked = async (mess: ScriptedMess, mechanism: number, between: () => Promise<void>, password = TICKET) => {
    const link = await openScripted(tap.uri);
    await link.send(linkMessage({ common: COMMON, ...mess }));
    const reply = await readReply(link);
    await between();
    await link.send(u32(mechanism), ...(mechanism === AUTH_SPICE ? [await ticketFor(reply, password)] : []));
    await link.end();
    link.close();
  };
  const nothing = () => Promise.resolve();
  await linked({}, 77, nothing);
  await linked({}, AUTH_SPICE, nothing, "wrong");
  await linked({ connectionId: (sessionId ^ 1) >>> 0, channelType: channels.inputs.type }, AUTH_SPICE, nothing);
  // The port goes away while its client is asked for the ticket.
  await server.command("open org.example.one");
  await linked({ connectionId: sessionId, channelType: channels.port.type }, AUTH_SPICE, async () => {
    await server.command("close org.example.one");
  });
  await pause(100);
  main.close();
  return { capture: await tap.finish(), picture: null };
}

/** Of a main channel. */
const MESS = { connectionId: 0, channelType: 1, channelId: 0 };

/** A wrong ticket, one that has expired, and none where one is wanted. */
async function recordWrongTicket(): Promise<Recorded> {
  await using server = await startLibspice({ unix: true, ticket: TICKET });
  await using tap = await startTap(server.uri, { unix: true });
  const refused = async (ticket: string) => {
    await using gtk = await startSpiceGtk({ ...addressOf(tap.uri), ticket, until: "start" });
    await mainEvent(gtk, "error-auth");
  };
  await refused("wrong");
  await server.command(`ticket ${TICKET} 1`);
  await pause(2500);
  await refused(TICKET);
  return { capture: await tap.finish(), picture: null };
}

/** What both can do, and the recorder lets neither know: data headers of 18 bytes, no choice of a mechanism. */
const OLDER: readonly Clearing[] = [
  { set: "common", cap: MINI_HEADER },
  { set: "common", cap: PROTOCOL_AUTH_SELECTION },
  { set: channels.main.type, cap: MainCap.AGENT_CONNECTED_TOKENS, from: "client" },
];

/** Two displays and a small cache: lists behind messages. An agent that goes, and comes without tokens. */
async function recordOlderLink(): Promise<Recorded> {
  return await recordOlder({ scene: "heads", displays: 2, agent: true }, async (server, gtk) => {
    await server.play(24);
    await gtk.rpc.execute("mouse_mode", { mode: 1 });
    await gtk.rpc.execute("motion", { x: 5, y: 5 });
    await gtk.key(0x1e);
    await server.command("agent 0");
    await pause(200);
    await server.command("agent 1");
    await pause(200);
  });
}

/** One display, a small cache: lists of one message. */
async function recordOlderCache(): Promise<Recorded> {
  return await recordOlder({ scene: "cache" }, async (server) => void await server.play(36));
}

async function recordOlder(
  options: LibspiceOptions,
  drive: (server: Libspice, gtk: SpiceGtk) => Promise<void>,
): Promise<Recorded> {
  await using server = await startLibspice({ compression: "lz", ticket: TICKET, unix: true, ...options });
  return await recordSpiceGtk(server.uri, async (gtk) => {
    await server.waitEvent("the client", ({ event, present }) => event === "client" && present === 1);
    await pause(200);
    await drive(server, gtk);
  }, { ticket: TICKET, properties: { "cache-size": 400_000 }, without: OLDER });
}

/** A channel that wants TLS, asked for without; one that wants none, asked for with it. */
async function recordSecured(): Promise<Recorded> {
  await using certificates = await makeTlsCertificates();
  const tlsPort = freePort();
  const channelsOf = "tls-channel=inputs,plaintext-channel=main";
  await using qemu = await startQemu({
    vga: "std",
    boot: { kind: "none" },
    spice: `tls-port=${tlsPort},x509-dir=${certificates.dir},${channelsOf}`,
  });
  const caCerts = [await Deno.readTextFile(certificates.caFile)];
  const dials: (() => Promise<Deno.Conn>)[] = [
    () => Deno.connect({ hostname: "127.0.0.1", port: qemu.port }),
    () => Deno.connectTls({ hostname: "127.0.0.1", port: tlsPort, caCerts }),
  ];
  await using tap = await startTap(qemu.uri, { unix: true, dial: () => dials.shift()!() });
  for (const channelType of [channels.inputs.type, channels.main.type]) {
    const link = await openScripted(tap.uri);
    await link.send(linkMessage({ channelType, connectionId: channelType === 1 ? 0 : 1, common: COMMON }));
    await link.end();
    link.close();
  }
  return { capture: await tap.finish(), picture: null };
}

/** SASL with DIGEST-MD5, which encrypts what follows; with a wrong password QEMU closes the connection in the middle. */
async function recordSasl(): Promise<Recorded> {
  await using dir = await makeTempDir("sasl");
  const hostName = "qemu.example", database = `${dir.path}/sasldb`, user = "viewer";
  await Deno.writeTextFile(`${dir.path}/qemu.conf`, `mech_list: digest-md5\nsasldb_path: ${database}\n`);
  const add = 'printf %s "$0" | saslpasswd2 -p -c -f "$1" -u "$2" "$3"';
  await mustRunProcess("sh", ["-c", add, TICKET, database, hostName, user]);
  await using qemu = await startQemu({
    ...{ vga: "std", boot: { kind: "none" }, hostName, spice: "sasl=on" },
    env: { SASL_CONF_PATH: dir.path },
  });
  // Both want addresses of IP for SASL. What follows the link is noise here, and the test of the bandwidth is 250 kB.
  await using tap = await startTap(qemu.uri, { mostBytes: 2000 });
  const address = { port: parseUri(tap.uri).port! };
  for (const [ticket, event] of [["wrong", "error-auth"], [TICKET, "opened"]] as const) {
    await using gtk = await startSpiceGtk({ ...address, ticket, properties: { username: user }, until: "start" });
    await mainEvent(gtk, event);
    await gtk.rpc.execute("quit").catch(() => {});
  }
  return { capture: await tap.finish(), picture: null };
}

async function mainEvent({ rpc }: Awaited<ReturnType<typeof startSpiceGtk>>, name: string): Promise<void> {
  const seen = () =>
    rpc.events.some(({ event, data }) => event === "CHANNEL" && data["channel"] === "main-0" && data["event"] === name);
  await waitUntil(`the main channel's ${name}`, seen, { timeoutMs: 10_000 }).catch((error) => {
    throw new Error(`spice-gtk says ${JSON.stringify(rpc.events)}`, { cause: error });
  });
}

function addressOf(uri: string): Pick<SpiceGtkOptions, "port" | "socketPath"> {
  const { unixPath, port } = parseUri(uri);
  return unixPath === undefined ? { port: port! } : { socketPath: unixPath };
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return concat([bytes]);
}
