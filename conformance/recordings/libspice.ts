/** Recordings of the libspice generator's scenes. */

import { connect, type Session } from "../../mod.ts";
import { ImageCompression } from "../../protocol/messages/enums.ts";
import {
  type Libspice,
  type LibspiceEvent,
  type LibspiceOptions,
  type Scene,
  startLibspice,
} from "../peers/libspice_generator.ts";
import type { SpiceGtk } from "../peers/spice_gtk.ts";
import { startTap } from "../peers/tap.ts";
import { pause } from "../peers/wait_until.ts";
import { pressButtons, pressKeys, switchLocks, walkBy, walkTo } from "./input.ts";
import { type Recorded, type Recording, recordSpiceGtk } from "./recording.ts";

/** Scenes played as a whole to spice-gtk, without compression. */
const SCENES: readonly Scene[] = [
  ...["fills", "bitmaps", "copies", "ropds", "rop3", "masks", "clips", "copy-bits"] as const,
  ...["blends", "composite", "strokes", "text", "surfaces", "cursors", "cache"] as const,
];

/** Scenes on which spice-gtk 0.42 aborts, played to our own client. */
const SCENES_FOR_US: readonly Scene[] = ["bitmaps-le", "rop3-degenerate"];

/** All of them. */
export const LIBSPICE_RECORDINGS: readonly Recording[] = [
  ...SCENES.map((scene) => ({
    name: `libspice-${scene}`,
    record: () => recordScene({ scene, compression: "off" }, playAll),
  })),
  {
    name: "libspice-cache-small",
    // 4 bytes a pixel: room for 13 of the scene's large images.
    record: () => recordScene({ scene: "cache", compression: "lz" }, playAll, { "cache-size": 1_000_000 }),
  },
  {
    name: "libspice-heads",
    record: () => recordScene({ scene: "heads", displays: 2, compression: "lz" }, playAll, { "cache-size": 1_000_000 }),
  },
  {
    name: "libspice-jpeg-zlib",
    record: () => recordScene({ scene: "photos", compression: "auto_glz", jpeg: "always", zlib: "always" }, playAll),
  },
  { name: "libspice-photos-quic", record: () => recordScene({ scene: "photos", compression: "quic" }, playAll) },
  { name: "libspice-bitmaps-lz4", record: () => recordScene({ scene: "bitmaps", compression: "lz4" }, playAll) },
  { name: "libspice-bitmaps-glz", record: () => recordScene({ scene: "bitmaps", compression: "glz" }, playAll) },
  {
    name: "libspice-bitmaps-zlib-glz",
    record: () => recordScene({ scene: "bitmaps", compression: "glz", zlib: "always" }, playAll),
  },
  { name: "libspice-inputs", record: () => recordScene({ scene: "basics", compression: "off" }, useInputs) },
  {
    name: "libspice-ports-and-agent",
    record: () => recordScene({ scene: "basics", compression: "off", agent: true }, useDevices),
  },
  { name: "libspice-sound-raw", record: () => recordSound() },
  { name: "libspice-resize", record: () => recordScene({ scene: "fills", compression: "off" }, resize) },
  {
    name: "libspice-stream-sized",
    record: () => recordScene({ scene: "stream", streams: "all", compression: "lz" }, playStream),
  },
  { name: "libspice-switch-host", record: () => recordSwitchHost() },
  ...SCENES_FOR_US.map((scene) => ({ name: `libspice-${scene}`, record: () => recordOurs({ scene }, playAll) })),
  { name: "libspice-full-headers", record: () => recordOurs({ scene: "cursors", miniHeader: false }, useFullHeaders) },
];

/**
 * Record spice-gtk as the client of a scene.
 *
 * @param options The server.
 * @param drive What happens once the client has its first picture.
 * @param properties Of spice-gtk.
 * @param before What happens before it comes.
 */
export async function recordScene(
  options: LibspiceOptions,
  drive: (server: Libspice, gtk: SpiceGtk) => Promise<void>,
  properties: Readonly<Record<string, string | number | boolean>> = {},
  before: (server: Libspice) => Promise<unknown> = () => Promise.resolve(),
): Promise<Recorded> {
  await using server = await startLibspice({ ticket: "throw-away", ...options });
  await before(server);
  return await recordSpiceGtk(server.uri, async (gtk) => {
    await server.waitEvent("the client", ({ event, present }) => event === "client" && present === 1);
    await pause(200);
    await drive(server, gtk);
  }, { ticket: "throw-away", properties });
}

/** Play what is left of the scene. */
export async function playAll(server: Libspice): Promise<void> {
  await server.play();
}

/** Both mouse modes, keys, locks. */
async function useInputs(server: Libspice, gtk: SpiceGtk): Promise<void> {
  await server.play();
  await gtk.rpc.execute("mouse_mode", { mode: 2 });
  await pressKeys(gtk);
  await switchLocks(gtk);
  await walkTo(gtk, 400, { width: 640, height: 480 });
  await pressButtons(gtk);
  for (const leds of [1, 2, 4, 7, 0]) await server.command(`leds ${leds}`);
  await gtk.rpc.execute("mouse_mode", { mode: 1 });
  await pause(100);
  await walkBy(gtk, 400);
  await pressButtons(gtk);
  await server.command("tablet 0");
  await walkBy(gtk, 20);
  await server.command("tablet 1");
}

async function useDevices(server: Libspice): Promise<void> {
  await server.play();
  for (const port of ["org.example.one", "org.example.two"]) {
    await server.command(`open ${port}`);
    await pause(200);
    await server.command(`write ${port} Hello from ${port}`);
    await server.command(`break ${port}`);
    await pause(100);
  }
  await server.command("close org.example.one");
  await server.command("agent 0");
  await pause(200);
  await server.command("agent 1");
  await pause(200);
}

async function recordSound(): Promise<Recorded> {
  return await recordScene({ scene: "sound", sound: true, opus: false, compression: "off" }, playAll, {
    "enable-audio": true,
  });
}

async function resize(server: Libspice): Promise<void> {
  await server.play(4);
  for (const size of ["800 600", "320 200", "641 479"]) {
    await server.command(`resize ${size}`);
    await server.command("scene fills");
    await server.play(10);
  }
  await server.command("monitors 2");
  await server.command("monitors 1");
  await server.command("vm 0");
  await server.command("vm 1");
}

/** Frames at the pace of a film: slower or faster ones do not become a stream. */
async function playStream(server: Libspice): Promise<void> {
  await server.play(undefined, 33);
}

/** To another server, which asks for the same ticket. spice-gtk on a unix socket would stay on it. */
async function recordSwitchHost(): Promise<Recorded> {
  const options: LibspiceOptions = { scene: "basics", compression: "off", ticket: "throw-away" };
  await using server = await startLibspice(options);
  await using other = await startLibspice(options);
  const present = ({ event, present }: LibspiceEvent) => event === "client" && present === 1;
  return await recordSpiceGtk(server.uri, async () => {
    await server.waitEvent("the client", present);
    await server.play();
    await server.command(`switch 127.0.0.1 ${other.port}`);
    await other.waitEvent("the client", present);
    await other.play();
  }, { ticket: "throw-away", tcp: true });
}

/** The server's compression, as our client is to prefer it. */
const PREFERRED = {
  off: "OFF",
  auto_glz: "AUTO_GLZ",
  auto_lz: "AUTO_LZ",
  quic: "QUIC",
  glz: "GLZ",
  lz: "LZ",
  lz4: "LZ4",
} as const;

/**
 * Record our own client, for what spice-gtk would not bear.
 *
 * @param options The server, and whether the client offers the mini header: it does by default.
 * @param drive What happens once the client has its first picture.
 */
export async function recordOurs(
  options: LibspiceOptions & { readonly miniHeader?: boolean },
  drive: (server: Libspice, session: Session) => Promise<void>,
): Promise<Recorded> {
  const { miniHeader = true, ...others } = options;
  await using server = await startLibspice({ compression: "off", ticket: "throw-away", ...others });
  await using tap = await startTap(server.uri, { unix: true });
  {
    await using session = await connect(tap.uri, {
      miniHeader,
      password: "throw-away",
      preferredCompression: ImageCompression[PREFERRED[others.compression ?? "off"]],
    });
    await session.screen.screenshot();
    await drive(server, session);
    await session.screen.screenshot({ quietMs: 200 });
  }
  return { capture: await tap.finish(), picture: null };
}

async function useFullHeaders(server: Libspice, session: Session): Promise<void> {
  await server.play(300);
  await server.command("scene fills");
  await server.play();
  await session.keyboard.type("Full headers, 18 bytes each.\n");
  await session.pointer.move({ x: 100, y: 100 });
  await session.pointer.drag({ x: 300, y: 40 }, { x: 100, y: 120 });
}
