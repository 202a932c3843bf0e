/** The display channel of servers. */
import { DisplayCap, hasCap } from "../../../protocol/capabilities.ts";
import {
  DisplayInit,
  DisplayMonitorsConfig,
  DisplayPreferredCompression,
  DisplayStreamReport,
  DisplaySurfaceCreate,
  DisplaySurfaceDestroy,
} from "../../../protocol/messages/display.ts";
import { ImageCompression, SurfaceFlags } from "../../../protocol/messages/enums.ts";
import type { SpiceImage } from "../../../protocol/messages/image.ts";
import { group } from "../../suite/case.ts";
import { readLzHead } from "../../suite/lz_reader.ts";
import { type Box, boxAt, mustBeSame, type Picture, readShot } from "../../suite/pictures.ts";
import type { ServerPeer, SessionTalk } from "../../suite/server_peer.ts";
import { DISPLAY_INIT, ServerScreen } from "../../suite/server_screen.ts";
import { fail, Finding, lacks, lax, must, mustEqual } from "../../suite/verdict.ts";

const START = "spice-server dcc.cpp dcc_start";

export const displayServer = group("display/server", "Display: how a server begins")
  .server("waits_for_init", {
    title: "shows nothing before DISPLAY_INIT",
    requirement: "The server MUST NOT send display messages before it has DISPLAY_INIT: it knows of no caches",
    source: "spice-server dcc.cpp dcc_start, display_channel_client_wait_for_init",
    level: "must",
    run: async (peer) => {
      const talk = await (await peer.session()).open("display"), early = await talk.drain(700);
      const said = early.find(({ type }) => type > 100);
      if (said !== undefined) fail(`it sends ${said.name}`);
      await talk.send(DisplayInit, DISPLAY_INIT);
      await talk.expect(DisplaySurfaceCreate);
    },
  })
  .server("primary", {
    title: "makes one primary surface, then vouches for it",
    requirement: "The server MUST send SURFACE_CREATE with PRIMARY before the first MARK, and have one primary",
    source: START,
    level: "must",
    covers: ["display/server/DISPLAY_SURFACE_CREATE/flags=PRIMARY", "display/server/DISPLAY_MARK"],
    run: async (peer) => {
      const screen = await marked(await peer.session()), { create } = screen.primary;
      mustEqual(create.flags & ~(SurfaceFlags.PRIMARY | SurfaceFlags.STREAMING_MODE), 0, "the unknown flags");
    },
  })
  .server("content_before_mark", {
    title: "sends the whole picture before MARK",
    requirement: "The server SHOULD draw every pixel of the primary surface before it sends MARK",
    source: "spice-server dcc.cpp dcc_start (dcc_push_surface_image, then DISPLAY_MARK)",
    level: "should",
    run: async (peer) => {
      const { drawn } = (await marked(await peer.session())).primary, missing = drawn.filter((one) => one === 0).length;
      if (missing > 0) lax(`${missing} of ${drawn.length} pixels have not come`);
    },
  })
  .server("same_for_all", {
    title: "shows a second viewer what the first one sees",
    requirement: "The server MUST show the same picture on two links of a display channel, one after the other",
    source: "spice-server dcc.cpp dcc_push_surface_image",
    level: "must",
    run: async (peer) => {
      await paint(peer, boxAt(0, 0, 64, 48), 5).catch(unlessUnimplemented);
      const pictures: Picture[] = [];
      for (let i = 0; i < 3; i++) {
        const session = await peer.session(), screen = await marked(session, ImageCompression.LZ);
        await screen.settle();
        pictures.push(screen.picture());
        session.main.wire.close();
        screen.talk.wire.close();
      }
      // A machine may draw between two of them, but hardly between both pairs.
      const same = (a: number, b: number) => pictures[a]!.pixels.every((pixel, i) => pixel === pictures[b]!.pixels[i]);
      if (!same(0, 1) && !same(1, 2)) lacks("three viewers see three pictures: its machine draws by itself");
    },
  })
  .server("monitors", {
    title: "tells its monitors to a client that wants to know",
    requirement:
      "The server SHOULD send MONITORS_CONFIG with heads inside their surfaces to a client with the capability",
    source: "spice-server dcc-send.cpp marshall_monitors_config; dcc.cpp dcc_push_monitors_config",
    level: "should",
    covers: ["display/server/DISPLAY_MONITORS_CONFIG/heads=filled"],
    run: async (peer) => {
      const caps = [DisplayCap.MONITORS_CONFIG], session = await peer.session();
      const screen = await ServerScreen.open(session, null, { channelCaps: caps });
      await screen.marked();
      await screen.settle();
      const configs = screen.talk.heard.filter(({ type }) => type === DisplayMonitorsConfig.id);
      if (configs.length === 0) lacks("it sends no MONITORS_CONFIG");
      const { heads, maxAllowed } = screen.talk.decode(DisplayMonitorsConfig, configs.at(-1)!);
      must(heads.length >= 1 && heads.length <= maxAllowed, `it has ${heads.length} heads of ${maxAllowed}`);
      for (const { monitorId, surfaceId, x, y, width, height } of heads) {
        const surface = screen.surfaces.get(surfaceId);
        if (surface === undefined) return fail(`monitor ${monitorId} is on surface ${surfaceId}, which is not there`);
        const inside = x + width <= surface.picture.width && y + height <= surface.picture.height;
        must(inside, `monitor ${monitorId}, ${width} × ${height} at ${x},${y}, is not inside its surface`);
      }
      mustEqual(new Set(heads.map(({ monitorId }) => monitorId)).size, heads.length, "the number of monitor ids");
    },
  })
  .server("no_monitors", {
    title: "does not tell its monitors to a client that does not know of them",
    requirement: "The server MUST NOT send MONITORS_CONFIG to a client without the capability",
    source: "spice-server dcc.cpp dcc_push_monitors_config (SPICE_DISPLAY_CAP_MONITORS_CONFIG)",
    level: "must",
    run: async (peer) => {
      const screen = await marked(await peer.session());
      await screen.settle();
      must(!screen.talk.heard.some(({ type }) => type === DisplayMonitorsConfig.id), "it sends MONITORS_CONFIG");
    },
  });

export const displayPicture = group("display/picture", "Display: what a server shows")
  .server("truth", {
    title: "shows what its machine shows",
    requirement: "The server MUST send messages that amount to the machine's picture",
    source: "spice-server dcc.cpp dcc_push_surface_image",
    level: "must",
    run: async (peer) => {
      await paint(peer, boxAt(3, 5, 90, 61), 1).catch(unlessUnimplemented);
      await ask(peer, "fill", boxAt(40, 20, 100, 30), { color: 0x336699 }).catch(unlessUnimplemented);
      await mustShowTruth(peer, await marked(await peer.session(), ImageCompression.LZ));
    },
  })
  .server("changes", {
    title: "follows its machine",
    requirement: "The server MUST show fills, pixels and moves of its machine, in their order",
    source: "spice-server display-channel.cpp display_channel_process_draw",
    level: "must",
    run: async (peer) => {
      const screen = await marked(await peer.session(), ImageCompression.LZ);
      for (let i = 0; i < 6; i++) {
        await paint(peer, boxAt(10 * i, 8 * i, 50, 40), i);
        await ask(peer, "fill", boxAt(5 + 20 * i, 60, 12, 50), { color: 0x1f2f3f * (i + 1) & 0xffffff });
        await ask(peer, "copy", boxAt(30, 20, 80, 60), { x: 27, y: 22 });
      }
      await mustShowTruth(peer, screen);
    },
  })
  .server("uncompressed", {
    title: "shows the same without compression",
    requirement: "The server MUST show its machine's picture with BITMAP images alone",
    source: "spice-server dcc-send.cpp fill_bits (SPICE_IMAGE_TYPE_BITMAP)",
    level: "must",
    run: async (peer) => {
      const screen = await marked(await peer.session(), ImageCompression.OFF);
      for (let i = 0; i < 4; i++) await paint(peer, boxAt(7 * i, 9 * i, 63, 41), 20 + i);
      await mustShowTruth(peer, screen);
    },
  })
  .server("off", {
    title: "sends plain bitmaps to a client that prefers no compression",
    requirement: "The server SHOULD send images of type BITMAP after PREFERRED_COMPRESSION of OFF",
    source: "spice-server dcc.cpp dcc_handle_preferred_compression, dcc_compress_image",
    level: "should",
    covers: ["display/client/DISPLAY_PREFERRED_COMPRESSION/imageCompression=OFF"],
    run: async (peer) => await mustPrefer(peer, ImageCompression.OFF, ["BITMAP"]),
  })
  .server("lz", {
    title: "sends LZ to a client that prefers it",
    requirement: "The server SHOULD send images of type LZ_RGB, LZ_PLT or BITMAP after PREFERRED_COMPRESSION of LZ",
    source: "spice-server dcc.cpp dcc_handle_preferred_compression, dcc_compress_image",
    level: "should",
    covers: ["display/client/DISPLAY_PREFERRED_COMPRESSION/imageCompression=LZ"],
    run: async (peer) => await mustPrefer(peer, ImageCompression.LZ, ["BITMAP", "LZ_RGB", "LZ_PLT"]),
  })
  .server("sizes", {
    title: "describes its images as they are",
    requirement: "The server MUST give each image descriptor the width and height of the image's data",
    source: "spice-server dcc-send.cpp fill_bits; spice-common canvas_base.c canvas_get_lz (checks them)",
    level: "must",
    run: async (peer) => {
      const screen = await marked(await peer.session());
      await stir(peer, screen);
      if (screen.images.length === 0) lacks("no image comes");
      for (const { image } of screen.images) {
        const size = sizeOf(image);
        if (size !== null) mustEqual(size, [image.width, image.height], `the size of its ${image.body.is}`);
      }
    },
  })
  .server("inside", {
    title: "draws inside its surfaces",
    requirement: "The server MUST draw boxes inside surfaces that are there, from images that the client has",
    source: "spice-server display-channel.cpp validate_drawable_bbox; dcc-send.cpp fill_bits (cache)",
    level: "must",
    run: async (peer) => {
      // The suite's decoder fails at what is outside, not there, or not in the cache.
      const screen = await marked(await peer.session());
      await stir(peer, screen);
      await ask(peer, "copy", boxAt(0, 0, 40, 40), { x: 20, y: 3 }).catch(unlessUnimplemented);
      await screen.settle();
    },
  })
  .server("resize", {
    title: "makes a new surface when the machine changes its size",
    requirement: "The server MUST send SURFACE_DESTROY, then SURFACE_CREATE of the new size, the picture and MARK",
    source: "spice-server display-channel.cpp display_channel_destroy_surface, display_channel_create_surface",
    level: "must",
    covers: ["display/server/DISPLAY_SURFACE_DESTROY"],
    run: async (peer) => {
      const screen = await marked(await peer.session(), ImageCompression.LZ),
        { width, height } = screen.primary.picture;
      try {
        for (const size of [{ width: 200, height: 150 }, { width: 333, height: 97 }]) {
          const { marks } = screen, gone = count(screen, DisplaySurfaceDestroy.id);
          await peer.control.ask("size", size);
          await screen.until(`a primary surface of ${size.width} × ${size.height}`, ({ surfaces }) => {
            return [...surfaces.values()].some(({ create }) =>
              create.width === size.width && create.height === size.height
            );
          });
          must(count(screen, DisplaySurfaceDestroy.id) > gone, "it does not destroy the surface before");
          await screen.until("DISPLAY_MARK", (now) => now.marks > marks);
          await paint(peer, boxAt(size.width - 60, size.height - 50, 60, 50), 9).catch(unlessUnimplemented);
          await mustShowTruth(peer, screen).catch(unlessUnimplemented);
        }
      } finally {
        // The cases that follow find the machine as it was.
        await peer.control.ask("size", { width, height }).catch(() => {});
      }
    },
  });

/** A server may fall to the later ones of these, so they stand last of all. */
export const displayServerFaults = group("display/server_faults", "Display: what no good client sends")
  .server("preference_unknown", {
    title: "goes on after a preference that does not exist",
    requirement: "The server SHOULD pass over PREFERRED_COMPRESSION of 200",
    source: "spice-server dcc.cpp dcc_handle_preferred_compression (a warning, and TRUE)",
    level: "should",
    run: async (peer) => {
      const session = await peer.session(), screen = await marked(session), { talk } = screen;
      needsPreference(screen);
      await talk.send(DisplayPreferredCompression, { imageCompression: 200 });
      await screen.settle(500);
      must(!talk.wire.ended, "it hangs up");
      await marked(await peer.session());
    },
  })
  .server("report_unknown", {
    title: "is not harmed by a report about a stream that there is not",
    requirement:
      "The server SHOULD hang up or pass over STREAM_REPORT of streams 5 and 1000, and serve the next client",
    source: "spice-server dcc.cpp dcc_handle_stream_report",
    level: "should",
    run: async (peer) => {
      for (const streamId of [5, 1000]) {
        const session = await peer.session(), screen = await marked(session);
        await screen.talk.send(DisplayStreamReport, {
          streamId,
          uniqueId: 1,
          startFrameMmTime: 0,
          endFrameMmTime: 0,
          numFrames: 1,
          numDrops: 0,
          lastFrameDelay: 0,
          audioDelay: 0,
        });
        await screen.settle(300);
        session.main.wire.close();
        screen.talk.wire.close();
      }
      await marked(await peer.session());
    },
  })
  .server("init_twice", {
    title: "is not harmed by a second DISPLAY_INIT",
    requirement: "The server SHOULD hang up or pass it over, and serve the next client",
    source: "spice-server dcc.cpp dcc_handle_init (spice_return_val_if_fail expect_init)",
    level: "should",
    run: async (peer) => {
      const session = await peer.session(), screen = await marked(session);
      await screen.talk.send(DisplayInit, DISPLAY_INIT);
      await screen.settle(500);
      session.main.wire.close();
      screen.talk.wire.close();
      await marked(await peer.session());
    },
  });

async function marked(session: SessionTalk, compression: number | null = null): Promise<ServerScreen> {
  const screen = await ServerScreen.open(session, compression);
  await screen.marked();
  return screen;
}

async function ask(peer: ServerPeer, verb: string, box: Box, more: Record<string, number>): Promise<void> {
  await peer.control.ask(verb, { ...box, ...more });
}

function paint(peer: ServerPeer, box: Box, seed: number): Promise<void> {
  return ask(peer, "paint", box, { seed });
}

/** Has the machine draw, or waits for what it draws by itself. */
async function stir(peer: ServerPeer, screen: ServerScreen): Promise<void> {
  await screen.settle();
  try {
    for (let seed = 0; seed < 3; seed++) {
      await paint(peer, boxAt(8 + 40 * seed, 16, 64, 48), seed);
      await screen.settle(150, 500);
    }
  } catch (error) {
    unlessUnimplemented(error);
    await screen.settle(1200, 2500);
  }
}

/** Passes over a verb that the peer's control program lacks. */
function unlessUnimplemented(error: unknown): void {
  if (!(error instanceof Finding && error.verdict === "unimplemented")) throw error;
}

/** Fails unless the display comes to show what the machine shows, which may draw by itself meanwhile. */
async function mustShowTruth(peer: ServerPeer, screen: ServerScreen): Promise<void> {
  for (let tries = 1;; tries++) {
    await screen.settle();
    const truth = await readShot(await peer.control.ask("picture"));
    await screen.settle(150, 500);
    const { pixels } = screen.picture();
    if (tries === 3 || pixels.every((pixel, i) => pixel === truth.pixels[i])) {
      return mustBeSame(screen.picture(), truth, "the display");
    }
  }
}

function needsPreference({ talk }: ServerScreen): void {
  if (!hasCap(talk.options.channelCaps, DisplayCap.PREF_COMPRESSION)) lacks("it has no PREF_COMPRESSION");
}

async function mustPrefer(peer: ServerPeer, imageCompression: number, types: readonly string[]): Promise<void> {
  const screen = await marked(await peer.session());
  needsPreference(screen);
  await screen.settle();
  await screen.talk.send(DisplayPreferredCompression, { imageCompression });
  await screen.settle();
  screen.images.length = 0;
  await stir(peer, screen);
  const seen = screen.images.map(({ image }) => image.body.is as string).filter((type) =>
    !type.startsWith("FROM_CACHE")
  );
  if (seen.length === 0) lacks("no image comes");
  const other = seen.find((type) => !types.includes(type));
  if (other !== undefined) fail(`it sends ${other}`);
}

function count({ talk }: ServerScreen, id: number): number {
  return talk.heard.filter(({ type }) => type === id).length;
}

/** Width and height in the data of an image; `null` where the suite does not look. Source: quic.c, glz-encoder.c, lz.c. */
function sizeOf({ body }: SpiceImage): [number, number] | null {
  switch (body.is) {
    case "BITMAP": {
      const { x, y, stride, data } = body.value;
      must(data.length >= stride * y, `its bitmap has ${data.length} bytes for ${y} rows of ${stride}`);
      return [x, y];
    }
    case "LZ_RGB":
    case "LZ_PLT": {
      const { width, height } = readLzHead(body.value.data);
      return [width, height];
    }
    case "QUIC": {
      const words = view(body.value.data, 20);
      return [words.getUint32(12, true), words.getUint32(16, true)];
    }
    case "GLZ_RGB": {
      const words = view(body.value.data, 17);
      return [words.getUint32(9), words.getUint32(13)];
    }
    default:
      return null;
  }
}

function view(data: Uint8Array, bytes: number): DataView {
  if (data.length < bytes) fail(`its image has ${data.length} bytes`);
  return new DataView(data.buffer, data.byteOffset, bytes);
}
