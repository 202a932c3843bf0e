/** Capabilities of display channels. */
import { DisplayCap, hasCap } from "../../../protocol/capabilities.ts";
import {
  DisplayGlScanoutUnix,
  DisplayInit,
  DisplayMonitorsConfig,
  DisplayPreferredCompression,
  DisplayPreferredVideoCodecType,
  DisplayStreamActivateReport,
  DisplayStreamDataSized,
  DisplaySurfaceCreate,
} from "../../../protocol/messages/display.ts";
import { DisplayDrawComposite, DisplayDrawCopy } from "../../../protocol/messages/draw.ts";
import { ImageCompression, SurfaceFmt } from "../../../protocol/messages/enums.ts";
import { decode } from "../../../protocol/schema/decode.ts";
import { mustAnswer } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import type { ClientPeer } from "../../suite/client_peer.ts";
import type { ServerPeer } from "../../suite/server_peer.ts";
import type { Heard, Talk } from "../../suite/talk.ts";
import { Finding, lacks, lax, must, mustEqual } from "../../suite/verdict.ts";

export const display = group("capabilities/display", "Capabilities: display")
  .server("monitors", {
    title: "tells of its monitors who can read of them",
    requirement: "The server MUST send DISPLAY_MONITORS_CONFIG to a client with MONITORS_CONFIG",
    source: "spice-server dcc.cpp dcc_push_monitors_config",
    level: "must",
    covers: ["caps/display/MONITORS_CONFIG/server"],
    run: async (peer) => {
      const talk = await begun(peer, [DisplayCap.MONITORS_CONFIG]);
      advertises(talk, "MONITORS_CONFIG");
      const { heads, maxAllowed } = await talk.expect(DisplayMonitorsConfig);
      must(heads.length > 0 && heads.length <= maxAllowed, `${heads.length} heads, of ${maxAllowed} allowed`);
    },
  })
  .server("no-monitors", {
    title: "tells nobody of its monitors who cannot read of them",
    requirement: "The server MUST NOT send DISPLAY_MONITORS_CONFIG to a client without MONITORS_CONFIG",
    source: "spice-server dcc.cpp dcc_push_monitors_config (test_remote_cap)",
    level: "must",
    run: async (peer) => must(!has(await hears(peer, []), DisplayMonitorsConfig.id), "DISPLAY_MONITORS_CONFIG comes"),
  })
  .server("compression-off", {
    title: "sends plain pixels to a client that prefers them",
    requirement: "The server MUST send BITMAP images after PREFERRED_COMPRESSION OFF when it has PREF_COMPRESSION",
    source: "spice-server dcc.cpp dcc_handle_preferred_compression, dcc_compress_image",
    level: "must",
    covers: ["caps/display/PREF_COMPRESSION/server"],
    run: async (peer) => {
      const found = await imageTypes(await begun(peer, [], ImageCompression.OFF));
      must(found.every((type) => type === "BITMAP"), `images of type ${found.join(", ")} come`);
    },
  })
  .server("compression-lz", {
    title: "sends nothing but LZ and plain pixels to a client that prefers LZ",
    requirement: "The server MUST send LZ_RGB, LZ_PLT or BITMAP images after PREFERRED_COMPRESSION LZ",
    source: "spice-server dcc.cpp dcc_compress_image",
    level: "must",
    covers: ["caps/display/PREF_COMPRESSION/server"],
    run: async (peer) => {
      const found = await imageTypes(await begun(peer, [], ImageCompression.LZ));
      must(found.every((type) => LZ.has(type)), `images of type ${found.join(", ")} come`);
    },
  })
  .server("compression-odd", {
    title: "goes on when a client prefers what nobody has defined",
    requirement: "The server SHOULD pass over an unknown image compression",
    source: "spice-server dcc.cpp dcc_handle_preferred_compression (unsupported image compression setting)",
    level: "should",
    run: async (peer) => {
      const talk = await begun(peer, [], 99);
      await talk.expect(DisplaySurfaceCreate);
    },
  })
  .server("no-lz4", {
    title: "sends no LZ4 to a client that cannot read it",
    requirement: "The server MUST NOT send LZ4 images to a client without LZ4_COMPRESSION, whatever it prefers",
    source: "spice-server dcc.cpp dcc_compress_image (test_remote_cap LZ4_COMPRESSION)",
    level: "must",
    run: async (peer) => {
      const found = await imageTypes(await begun(peer, [], ImageCompression.LZ4));
      must(!found.includes("LZ4"), "images of type LZ4 come");
    },
  })
  .server("nothing-else", {
    title: "sends nothing that its client cannot read",
    requirement: "The server MUST NOT send sized frames, reports, scanouts or composites without the capability",
    source: "spice-server video-stream.cpp, dcc.cpp, dcc-send.cpp (test_remote_cap)",
    level: "must",
    run: async (peer) => {
      const heard = await hears(peer, []);
      for (const { id, name } of CAPABLE) must(!has(heard, id), `${name} comes`);
      for (const one of heard.filter(({ type }) => type === DisplaySurfaceCreate.id)) {
        must(decode(DisplaySurfaceCreate.wire, one.body).format !== SurfaceFmt["8_A"], "an 8_A surface comes");
      }
    },
  })
  .client("monitors", {
    title: "reads of monitors where it has MONITORS_CONFIG",
    requirement: "The client MUST take DISPLAY_MONITORS_CONFIG of several heads when it has MONITORS_CONFIG",
    source: "spice-gtk channel-display.c display_handle_monitors_config",
    level: "must",
    covers: ["caps/display/MONITORS_CONFIG/client"],
    run: async (peer) => {
      await peer.start();
      const talk = await linked(peer, "MONITORS_CONFIG"),
        head = { surfaceId: 0, width: 160, height: 200, y: 0, flags: 0 };
      await talk.send(DisplayMonitorsConfig, {
        maxAllowed: 4,
        heads: [{ ...head, monitorId: 0, x: 0 }, { ...head, monitorId: 1, x: 160 }],
      });
      await mustAnswer(peer, talk, "a MONITORS_CONFIG of two heads");
    },
  })
  .client("no-preferred-compression", {
    title: "names no image compression where the server does not ask",
    requirement: "The client MUST NOT send PREFERRED_COMPRESSION to a server without PREF_COMPRESSION",
    source: "spice-gtk channel-display.c spice_display_channel_change_preferred_compression, red-channel-client.cpp",
    level: "must",
    run: async (peer) => {
      await peer.start();
      const talk = await peer.channel("display");
      await talk.drain(400);
      must(!has(talk.heard, DisplayPreferredCompression.id), "it comes");
    },
  })
  .client("preferred-compression", {
    title: "names an image compression that there is",
    requirement: "The client MUST name a member of image_compression other than INVALID",
    source: "spice-gtk channel-display.c spice_display_channel_change_preferred_compression",
    level: "must",
    covers: ["caps/display/PREF_COMPRESSION/client"],
    run: async (peer) => {
      await peer.start({ channelCaps: { display: [DisplayCap.PREF_COMPRESSION] } });
      const talk = await peer.channel("display");
      const named = await talk.find(DisplayPreferredCompression, () => true, 1000);
      if (named === null) lacks("it names none");
      must(named.imageCompression > 0 && named.imageCompression <= ImageCompression.LZ4, `${named.imageCompression}`);
    },
  })
  .client("no-video-codecs", {
    title: "names no video codecs where the server does not ask",
    requirement: "The client MUST NOT send PREFERRED_VIDEO_CODEC_TYPE to a server without the capability",
    source: "spice-gtk channel-display.c spice_display_channel_change_preferred_video_codec_types",
    level: "must",
    run: async (peer) => {
      await peer.start();
      const talk = await peer.channel("display");
      await talk.drain(400);
      must(!has(talk.heard, DisplayPreferredVideoCodecType.id), "it comes");
    },
  })
  .client("a8-surface", {
    title: "makes an alpha surface where it has A8_SURFACE",
    requirement: "The client MUST take DISPLAY_SURFACE_CREATE of format 8_A when it has A8_SURFACE",
    source: "spice-gtk channel-display.c display_handle_surface_create, spice-common canvas_base.c",
    level: "must",
    covers: ["caps/display/A8_SURFACE/client"],
    run: async (peer) => {
      await peer.start();
      const talk = await linked(peer, "A8_SURFACE");
      await talk.send(DisplaySurfaceCreate, { surfaceId: 1, width: 8, height: 8, format: SurfaceFmt["8_A"], flags: 0 });
      await mustAnswer(peer, talk, "a surface of format 8_A");
    },
  })
  .client("caches", {
    title: "says how large its caches are",
    requirement: "The client MUST send DISPLAY_INIT first, with sizes that are not negative",
    source: "spice-gtk channel-display.c spice_display_channel_up, spice-server dcc.cpp dcc_handle_init",
    level: "must",
    run: async (peer) => {
      await peer.start({ greet: (name) => name === "main" });
      const talk = await peer.channel("display");
      const first = await talk.next();
      mustEqual(first?.name, "DISPLAY_INIT", "the first message");
      const { pixmapCacheSize, glzDictionaryWindowSize } = talk.decode(DisplayInit, first!);
      must(pixmapCacheSize >= 0n, `a cache of ${pixmapCacheSize} pixels`);
      must(glzDictionaryWindowSize >= 0, `a dictionary of ${glzDictionaryWindowSize} pixels`);
      if (await talk.find(DisplayInit, () => true, 300) !== null) lax("DISPLAY_INIT comes twice");
    },
  });

/** Messages that a client gets only with a capability of its own. */
const CAPABLE = [DisplayStreamDataSized, DisplayStreamActivateReport, DisplayGlScanoutUnix, DisplayDrawComposite];
const LZ = new Set(["LZ_RGB", "LZ_PLT", "BITMAP"]);

function advertises({ options }: Talk, cap: keyof typeof DisplayCap & string): void {
  if (!hasCap(options.channelCaps, DisplayCap[cap])) lacks(`it has no ${cap}`);
}

/** A display of a client that has a capability. */
async function linked(peer: ClientPeer, cap: keyof typeof DisplayCap & string): Promise<Talk> {
  const talk = await peer.channel("display");
  advertises(talk, cap);
  return talk;
}

/** A display channel whose client has said what it prefers, then that it is there. */
async function begun(peer: ServerPeer, channelCaps: readonly number[], imageCompression?: number): Promise<Talk> {
  await drawn(peer);
  const talk = await (await peer.session()).open("display", { channelCaps });
  if (imageCompression !== undefined) {
    advertises(talk, "PREF_COMPRESSION");
    await talk.send(DisplayPreferredCompression, { imageCompression });
  }
  await talk.send(DisplayInit, {
    pixmapCacheId: 1,
    pixmapCacheSize: 1_000_000n,
    glzDictionaryId: 1,
    glzDictionaryWindowSize: 1_000_000,
  });
  return talk;
}

/** Has the server draw something that is no plain colour, if it can be asked. */
async function drawn(peer: ServerPeer): Promise<void> {
  try {
    await peer.control.ask("paint", { left: 0, top: 0, right: 64, bottom: 64, seed: 7 });
  } catch (error) {
    if (!(error instanceof Finding && error.verdict === "unimplemented")) throw error;
  }
}

/** Types of the images that come. */
async function imageTypes(talk: Talk): Promise<string[]> {
  await talk.drain(700);
  const types = talk.heard.filter(({ type }) => type === DisplayDrawCopy.id).map((heard) => {
    return talk.decode(DisplayDrawCopy, heard).data.srcBitmap?.body.is ?? "none";
  });
  if (types.length === 0) lacks("it draws nothing");
  return types;
}

async function hears(peer: ServerPeer, channelCaps: readonly number[]): Promise<readonly Heard[]> {
  const talk = await begun(peer, channelCaps);
  await talk.drain(700);
  return talk.heard;
}

function has(heard: readonly Heard[], id: number): boolean {
  return heard.some(({ type }) => type === id);
}
