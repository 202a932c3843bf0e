/** Our client and spice-gtk on libspice-server: every scene of the generator, and inputs, tickets, devices, heads. */
import assert from "node:assert/strict";
import { connect, type ProtocolError } from "../../mod.ts";
import { LinkErr } from "../../protocol/messages/enums.ts";
import { LIBSPICE, type Libspice, type LibspiceEvent, type Scene, startLibspice } from "../peers/libspice_generator.ts";
import { type Picture, pictureDifference, pictureOfRgba } from "../peers/picture.ts";
import { peerTest } from "../peers/require_peer.ts";
import { startSpiceGtk } from "../peers/spice_gtk.ts";
import { startTap } from "../peers/tap.ts";
import { waitUntil } from "../peers/wait_until.ts";
import { playScene, sceneOfSpiceGtk } from "./played_scene.ts";

const GTK = ["gir1.2-spiceclientglib-2.0", "python3-gi"];

const LOSSLESS = ["off", "lz", "quic", "glz", "lz4", "auto_lz", "auto_glz"] as const;

/** What our client calls unsupported, by scene. */
const UNSUPPORTED: Readonly<Partial<Record<Scene, readonly string[]>>> = {
  basics: [],
  bitmaps: [],
  copies: [],
  photos: [],
  "copy-bits": [],
  cache: [],
  cursors: [],
  fills: ["DISPLAY_DRAW_BLACKNESS", "DISPLAY_DRAW_FILL", "DISPLAY_DRAW_INVERS", "DISPLAY_DRAW_WHITENESS"],
  ropds: ["DISPLAY_DRAW_BLEND", "DISPLAY_DRAW_FILL", "DISPLAY_DRAW_OPAQUE"],
  rop3: ["DISPLAY_DRAW_ROP3"],
  masks: [
    ...["DISPLAY_DRAW_BLACKNESS", "DISPLAY_DRAW_BLEND", "DISPLAY_DRAW_COPY", "DISPLAY_DRAW_FILL"],
    ...["DISPLAY_DRAW_INVERS", "DISPLAY_DRAW_OPAQUE", "DISPLAY_DRAW_ROP3", "DISPLAY_DRAW_WHITENESS"],
  ],
  clips: [
    ...["DISPLAY_DRAW_BLACKNESS", "DISPLAY_DRAW_BLEND", "DISPLAY_DRAW_FILL"],
    ...["DISPLAY_DRAW_INVERS", "DISPLAY_DRAW_OPAQUE", "DISPLAY_DRAW_ROP3", "DISPLAY_DRAW_WHITENESS"],
  ],
  blends: ["DISPLAY_DRAW_TRANSPARENT"],
  composite: ["DISPLAY_DRAW_COMPOSITE"],
  strokes: ["DISPLAY_DRAW_STROKE"],
  text: ["DISPLAY_DRAW_TEXT"],
  surfaces: ["DISPLAY_DRAW_COMPOSITE", "DISPLAY_DRAW_FILL", "DISPLAY_SURFACE_CREATE"],
};

for (const [name, unsupported] of Object.entries(UNSUPPORTED)) {
  const scene = name as Scene;
  peerTest({
    name: `${scene}: spice-gtk shows the scene, ours ${
      unsupported.length > 0 ? "tells what it lacks" : "the same, however sent"
    }`,
    needs: [...LIBSPICE, ...GTK],
    fn: async () => {
      const theirs = (await sceneOfSpiceGtk({ scene, compression: "off" }))[0]!;
      // With GLZ, images refer to those of what is not drawn, too.
      for (const compression of unsupported.length > 0 ? ["off", "lz", "glz"] as const : LOSSLESS) {
        const ours = await shownByOurs(scene, compression);
        assert.deepEqual(ours.unsupported, unsupported);
        if (unsupported.length === 0) assert.equal(pictureDifference(ours.picture, theirs), null, compression);
      }
    },
  });
}

peerTest({
  name: "two displays that share a cache: ours shows what spice-gtk shows",
  needs: [...LIBSPICE, ...GTK],
  fn: async () => {
    const options = { scene: "heads", displays: 2, compression: "lz" } as const;
    await using gtkServer = await startLibspice(options);
    await using gtk = await startSpiceGtk({ port: gtkServer.port });
    await playScene(gtkServer);
    await using ourServer = await startLibspice(options);
    await using session = await connect(ourServer.uri);
    await session.screen.screenshot();
    await playScene(ourServer);
    for (const channel of [0, 1]) {
      await waitUntil(`the same picture on display ${channel}`, async () => {
        const ours = pictureOfRgba(await session.screen.screenshot({ head: channel }));
        return pictureDifference(ours, await gtk.shot(channel)) === null;
      });
    }
    assert.deepEqual(session.unsupported, []);
  },
});

peerTest({
  name: "a scene is the same, byte for byte, each time",
  needs: LIBSPICE,
  fn: async () => {
    const bodies = async () => {
      await using server = await startLibspice({ scene: "masks", compression: "off" });
      await using tap = await startTap(server.uri, { unix: true });
      {
        await using session = await connect(tap.uri);
        await session.screen.screenshot();
        await playScene(server);
        await session.screen.screenshot({ quietMs: 200 });
      }
      const { connections } = await tap.finish();
      const display = connections.find(({ channel }) => channel.name === "display")!;
      return display.messages.server.filter(({ declaration }) => declaration?.name.startsWith("DISPLAY_DRAW_"))
        .map(({ body }) => body);
    };
    const first = await bodies();
    assert.equal(first.length, 42);
    assert.deepEqual(await bodies(), first);
  },
});

peerTest({
  name: "keys, buttons, wheel, both mouse modes and LEDs arrive from spice-gtk and from ours",
  needs: [...LIBSPICE, ...GTK],
  fn: async () => {
    const expected = {
      keys: [0x1e, 0x9e, 0xe0, 0x48, 0xe0, 0xc8],
      position: { event: "position", x: 100, y: 50, buttons: 0 },
      motion: { event: "motion", dx: 7, dy: -5, dz: 0, buttons: 0 },
    };
    const judge = async (server: Libspice) => {
      const same = (one: LibspiceEvent, other: object) => JSON.stringify(one) === JSON.stringify(other);
      await server.waitEvent("the place", (event) => same(event, expected.position));
      await server.waitEvent("the motion", (event) => same(event, expected.motion));
      await waitUntil("the keys", () => server.of("key").length >= expected.keys.length);
      assert.deepEqual(server.of("key").map(({ code }) => code), expected.keys);
    };
    {
      await using server = await startLibspice();
      await using gtk = await startSpiceGtk({ port: server.port });
      await gtk.key(0x1e, 0x148);
      await gtk.rpc.execute("mouse_mode", { mode: 2 });
      await gtk.rpc.execute("position", { x: 100, y: 50 });
      await server.waitEvent("the place", ({ event, x }) => event === "position" && x === 100);
      await gtk.rpc.execute("mouse_mode", { mode: 1 });
      await waitUntil("server mouse mode", () => gtk.rpc.events.at(-1)?.data["mode"] === 1);
      await gtk.rpc.execute("motion", { x: 7, y: -5 });
      await judge(server);
      await gtk.rpc.execute("set_locks", { locks: 4 });
      await server.waitEvent("caps lock", ({ event, leds }) => event === "leds" && leds === 4);
    }
    {
      await using server = await startLibspice();
      await using session = await connect(server.uri);
      await session.ready();
      await session.keyboard.press("a");
      await session.keyboard.press("up");
      await session.pointer.move({ x: 100, y: 50 });
      await server.command("tablet 0");
      await waitUntil("server mouse mode", () => session.pointer.mode === "server");
      await session.pointer.moveBy(7, -5);
      await judge(server);
      await session.pointer.wheel(1);
      await server.waitEvent("the wheel", ({ event, dz }) => event === "motion" && dz === 1);
      await session.pointer.click(null, { button: "RIGHT" });
      await server.waitEvent(
        "the button",
        ({ event, buttons }) => event === "motion" || event === "buttons" ? buttons === 2 : false,
      );
    }
  },
});

peerTest({
  name: "a ticket: the right one is let in, a wrong and an expired one are not",
  needs: LIBSPICE,
  fn: async () => {
    await using server = await startLibspice({ ticket: "right" });
    const isLetIn = async (password: string) => {
      try {
        await using session = await connect(server.uri, { password });
        // libspice crashes when a client hangs up before its display channel is settled: docs/findings.md.
        await session.screen.screenshot({ quietMs: 100 });
        return true;
      } catch (error) {
        assert.equal((error as ProtocolError).linkError, LinkErr.PERMISSION_DENIED);
        return false;
      }
    };
    assert.equal(await isLetIn("right"), true);
    assert.equal(await isLetIn("wrong"), false);
    await server.command("ticket short 1");
    assert.equal(await isLetIn("short"), true);
    await waitUntil("the end of the ticket", async () => !await isLetIn("short"), { everyMs: 200 });
  },
});

peerTest({
  name: "sizes that spice-gtk asks for, bytes for the agent, ports and a new resolution",
  needs: [...LIBSPICE, ...GTK],
  fn: async () => {
    await using server = await startLibspice({ agent: true });
    await using gtk = await startSpiceGtk({ port: server.port });
    // Its first message: the capabilities of its agent side.
    await server.waitEvent("a message to the agent", ({ event, name }) => event === "bytes" && name === "agent");
    await server.command("open org.example.port");
    await waitUntil(
      "the port",
      () => gtk.rpc.events.some(({ data }) => data["channel"] === "port-0" && data["event"] === "opened"),
    );
    await waitUntil("the agent", async () => (await gtk.rpc.execute("agent") as { connected: boolean }).connected);
    await gtk.rpc.execute("resize", { sizes: [[1000, 700]] });
    const { heads } = await server.waitEvent("the size", ({ event }) => event === "monitors");
    assert.deepEqual(heads, [{ x: 0, y: 0, width: 1000, height: 700 }]);
    await server.command("resize 1000 700");
    await waitUntil("the new size", async () => {
      const primary = await gtk.rpc.execute("primary") as { width: number; height: number } | null;
      return primary?.width === 1000 && primary.height === 700;
    });
    await assert.rejects(server.command("nonsense"), /refuses/);
  },
});

async function shownByOurs(
  scene: Scene,
  compression: typeof LOSSLESS[number],
): Promise<{ picture: Picture; unsupported: string[] }> {
  await using server = await startLibspice({ scene, compression });
  await using session = await connect(server.uri);
  await session.screen.screenshot();
  await playScene(server);
  const picture = pictureOfRgba(await session.screen.screenshot({ quietMs: 300 }));
  const unsupported = new Set(session.unsupported.map(({ error }) => error.wireName!));
  return { picture, unsupported: [...unsupported].sort() };
}
