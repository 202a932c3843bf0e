/** How a client begins a display channel, and monitors. */
import { DisplayCap } from "../../../protocol/capabilities.ts";
import {
  DisplayInit,
  DisplayMark,
  DisplayMonitorsConfig,
  DisplayPreferredCompression,
  DisplaySurfaceCreate,
} from "../../../protocol/messages/display.ts";
import { ImageCompression, SurfaceFlags, SurfaceFmt } from "../../../protocol/messages/enums.ts";
import type { ValueOf } from "../../../protocol/schema/message.ts";
import { group } from "../../suite/case.ts";
import type { ClientPeer, Script } from "../../suite/client_peer.ts";
import { ClientScreen, SCREEN } from "../../suite/client_screen.ts";
import { boxAt } from "../../suite/pictures.ts";
import type { Talk } from "../../suite/talk.ts";
import { fail, lacks, must, mustEqual } from "../../suite/verdict.ts";

export const start = group("display/start", "Display: how a client begins")
  .client("init_first", {
    title: "says DISPLAY_INIT first",
    requirement: "The client MUST send DISPLAY_INIT before any other message: servers show nothing until it has come",
    source: "spice-server dcc.cpp dcc_start, display_channel_client_wait_for_init",
    level: "must",
    covers: ["display/client/DISPLAY_INIT"],
    run: async (peer) => {
      const talk = await silent(peer), first = await talk.next();
      mustEqual(first?.name ?? "nothing", DisplayInit.name, "the first message");
      const init = talk.decode(DisplayInit, first!);
      must(init.pixmapCacheSize >= 0n, `pixmap_cache_size is ${init.pixmapCacheSize}`);
      must(init.glzDictionaryWindowSize >= 0, `glz_dictionary_window_size is ${init.glzDictionaryWindowSize}`);
    },
  })
  .client("init_once", {
    title: "says DISPLAY_INIT once",
    requirement: "The client MUST send one DISPLAY_INIT: servers hang up at a second",
    source: "spice-server dcc.cpp dcc_handle_init (expect_init)",
    level: "must",
    run: async (peer) => {
      const talk = await silent(peer);
      await talk.expect(DisplayInit);
      await create(talk);
      const heard = await talk.drain(500), again = heard.filter(({ name }) => name === DisplayInit.name);
      must(again.length === 0, `${again.length} more come`);
    },
  })
  .client("caches", {
    title: "offers caches that a server can use",
    requirement: "The client SHOULD offer a pixmap cache of at least a screen, and less than 2^31 pixels of either",
    source:
      "spice-server dcc.cpp dcc_handle_init, pixmap-cache.cpp; spice-gtk channel-display.c spice_display_channel_up",
    level: "should",
    run: async (peer) => {
      const talk = await silent(peer), init = await talk.expect(DisplayInit), size = init.pixmapCacheSize;
      must(size >= 1024n * 768n && size < 1n << 31n, `pixmap_cache_size is ${size}`);
    },
  })
  .client("no_preference", {
    title: "keeps its preference to itself where the server cannot take one",
    requirement: "The client MUST NOT send PREFERRED_COMPRESSION to a server without PREF_COMPRESSION",
    source: "spice-gtk channel-display.c spice_display_channel_change_preferred_compression",
    level: "must",
    run: async (peer) => {
      const talk = await silent(peer, { channelCaps: { display: [] } });
      await talk.expect(DisplayInit);
      await create(talk);
      const said = (await talk.drain(500)).find(({ type }) => type >= DisplayPreferredCompression.id);
      if (said !== undefined) fail(`it sends ${said.name}`);
    },
  })
  .client("preference", {
    title: "prefers a compression that exists",
    requirement: "The client MUST send a member of image_compression other than INVALID, if any",
    source: "spice-server dcc.cpp dcc_handle_preferred_compression; spice.proto image_compression",
    level: "must",
    covers: ["display/client/DISPLAY_PREFERRED_COMPRESSION"],
    run: async (peer) => {
      const talk = await silent(peer, { channelCaps: { display: [DisplayCap.PREF_COMPRESSION] } });
      const preferred = await talk.find(DisplayPreferredCompression, undefined, 1000);
      if (preferred === null) lacks("it says no preference");
      const { imageCompression } = preferred;
      const known = imageCompression >= ImageCompression.OFF && imageCompression <= ImageCompression.LZ4;
      must(known, `it prefers compression ${imageCompression}`);
    },
  });

type Head = ValueOf<typeof DisplayMonitorsConfig>["heads"][number];

export const monitors = group("display/monitors", "Display: MONITORS_CONFIG")
  .client("one", {
    title: "takes one monitor that is a part of the surface",
    requirement: "The client MUST take place and size of a monitor from MONITORS_CONFIG",
    source: "spice-gtk channel-display.c display_handle_monitors_config",
    level: "must",
    covers: ["monitors/server/heads=1", "monitors/server/moved", "monitors/server/at-max"],
    run: async (peer) => {
      await mustHave(await configured(peer, [head(0, 16, 8, 100, 80)], 1), [head(0, 16, 8, 100, 80)]);
    },
  })
  .client("several", {
    title: "takes several monitors of one surface",
    requirement: "The client MUST take every monitor of MONITORS_CONFIG, whatever their numbers",
    source: "spice-gtk channel-display.c display_handle_monitors_config",
    level: "must",
    covers: ["heads=many", "shared-surface", "sparse-ids", "below-max"].map((what) => `monitors/server/${what}`),
    run: async (peer) => {
      const heads = [head(0, 0, 0, 60, 100), head(1, 60, 0, 60, 90), head(7, 120, 10, 40, 90)];
      await mustHave(await configured(peer, heads, 4), heads);
    },
  })
  .client("changed", {
    title: "follows a change of monitors",
    requirement: "The client MUST let a later MONITORS_CONFIG take the place of an earlier one",
    source: "spice-gtk channel-display.c display_handle_monitors_config (g_array_set_size)",
    level: "must",
    covers: ["monitors/server/heads=2"],
    run: async (peer) => {
      const screen = await configured(peer, [head(0, 0, 0, 80, 100), head(1, 80, 0, 80, 100)], 2);
      await screen.send(DisplayMonitorsConfig, { maxAllowed: 2, heads: [head(0, 0, 0, 160, 100)] });
      await mustHave(screen, [head(0, 0, 0, 160, 100)]);
    },
  })
  .client("none", {
    title: "passes over a configuration without monitors",
    requirement: "The client SHOULD pass over a MONITORS_CONFIG of count 0 and go on",
    source: "spice-gtk channel-display.c display_handle_monitors_config",
    level: "should",
    covers: ["monitors/server/heads=none"],
    run: async (peer) => {
      const screen = await configured(peer, [], 1);
      await screen.fill(boxAt(1, 1, 20, 20), 0x00ff00);
      await screen.mustShow();
    },
  })
  .client("too_many", {
    title: "is not harmed by more monitors than the server allows",
    requirement: "The client SHOULD take the allowed ones, pass over the message, or hang up, and not crash",
    source: "spice-gtk channel-display.c display_handle_monitors_config (CLAMP); CVE-2017-7506 for servers",
    level: "should",
    run: async (peer) => {
      const heads = Array.from({ length: 300 }, (_, i) => head(i, i % 16, 0, 10, 10));
      await (await configured(peer, heads, 1)).mustNotBeHarmed();
    },
  })
  .client("far_away", {
    title: "is not harmed by a monitor outside its surface",
    requirement: "The client SHOULD show nothing for it, or hang up, and not crash",
    source: "spice-gtk channel-display.c display_handle_monitors_config",
    level: "should",
    covers: ["monitors/server/other-surface"],
    run: async (peer) => {
      const heads = [head(0, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff), {
        ...head(1, 0, 0, 50, 50),
        surfaceId: 9,
      }];
      await (await configured(peer, heads, 4)).mustNotBeHarmed();
    },
  });

/** A display channel to which nothing is said. */
async function silent(peer: ClientPeer, script: Script = {}): Promise<Talk> {
  await peer.main({ channels: [{ name: "display" }], greet: (name) => name !== "display", ...script });
  return await peer.channel("display");
}

async function create(talk: Talk): Promise<void> {
  const format = SurfaceFmt["32_xRGB"];
  await talk.send(DisplaySurfaceCreate, { surfaceId: 0, ...SCREEN, format, flags: SurfaceFlags.PRIMARY });
  await talk.send(DisplayMark, {});
}

/** A client whose server has monitors. */
async function configured(peer: ClientPeer, heads: readonly Head[], maxAllowed: number): Promise<ClientScreen> {
  const screen = await ClientScreen.open(peer, { channelCaps: { display: [DisplayCap.MONITORS_CONFIG] } });
  await screen.send(DisplayMonitorsConfig, { maxAllowed, heads: [...heads] });
  return screen;
}

/** Asks for the monitors and compares. */
async function mustHave(screen: ClientScreen, expected: readonly Head[]): Promise<void> {
  await screen.handled();
  const heads = await screen.peer.control.ask("heads", { display: 0 });
  const short = ({ x, y, width, height }: Head) => ({ x, y, width, height });
  must(Array.isArray(heads), "its control program tells no heads");
  mustEqual(heads.map(short), expected.map(short), "its heads");
}

function head(monitorId: number, x: number, y: number, width: number, height: number): Head {
  return { monitorId, surfaceId: 0, x, y, width, height, flags: 0 };
}
