/** Linux with X on two heads of a QEMU without -spice, behind our server: each display channel shows its own head. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { QemuMachine } from "../../machines.ts";
import { connect, type Session, SpiceServer } from "../../mod.ts";
import type { GuestShell } from "../peers/guest_shell.ts";
import { LINUX_GUEST } from "../peers/linux_guest.ts";
import { makeLinuxGuestFiles } from "../peers/linux_guest_files.ts";
import { type Picture, pictureDifference, pictureOfRgba } from "../peers/picture.ts";
import { connectQmp } from "../peers/qmp.ts";
import { peerTest } from "../peers/require_peer.ts";
import { type SpiceGtk, startSpiceGtk } from "../peers/spice_gtk.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { waitUntil } from "../peers/wait_until.ts";

const PROGRAM = ["qemu-system-x86_64", "-accel", "tcg", "-no-user-config", "-nodefaults", "-m", "512"];
/** What spice-gtk wants of both heads, one after the other: no guest has such sizes by itself. */
const FIRST_SIZES = [[1032, 776], [840, 616]] as const, SECOND_SIZES = [[904, 680], [968, 712]] as const;

peerTest({
  name: "two heads with X behind our server: spice-gtk gives them sizes, and sees as our client does what QEMU dumps",
  needs: [...LINUX_GUEST, "gir1.2-spiceclientglib-2.0", "python3-gi"],
  timeoutMs: 180_000,
  fn: async () => {
    await using dir = await makeTempDir("server-heads");
    const files = await makeLinuxGuestFiles(dir.path);
    const own = `${dir.path}/own`, serial = `${dir.path}/serial`;
    const machine = new QemuMachine({
      command: [
        ...[...PROGRAM, "-device", "virtio-vga,max_outputs=2,id=card"],
        ...["-kernel", files.image, "-initrd", files.initrd, "-append", files.command],
        ...["-serial", `file:${serial}`, ...files.shellArgs, "-qmp", `unix:${own},server=on,wait=off`],
      ],
    });
    await using server = new SpiceServer({ machine });
    const uri = await server.listen({ port: 0 });
    await using qmp = await connectQmp(own);
    const ready = async () => (await Deno.readTextFile(serial)).includes(files.readyText);
    await waitUntil("the guest", ready, { timeoutMs: 60_000 });
    const { shell, desktop } = await files.open();
    await using _ = shell;
    await using gtk = await startSpiceGtk({ port: Number(new URL(uri).port) });
    await using session = await connect(uri);

    const compare = async (sizes: Sizes) => {
      await qmp.stop();
      const dumps: Picture[] = [];
      for (const [head, size] of sizes.entries()) {
        const expected = await qmp.screendump({ device: "card", head });
        assert.deepEqual([expected.width, expected.height], size);
        const same = (what: string, shot: () => Promise<Picture>) =>
          waitUntil(`head ${head} in ${what}`, async () => pictureDifference(await shot(), expected) === null, {
            timeoutMs: 30_000,
          });
        await same("spice-gtk", () => gtk.shot(head));
        await same("our client", () => shotOf(session, head));
        dumps.push(expected);
      }
      await qmp.cont();
      return dumps;
    };

    await giveSizes(gtk, shell, FIRST_SIZES);
    await shell.run("xsetroot", ["-mod", "16", "16", "-fg", "#204060", "-bg", "#806040"]);
    await desktop.openTerminal({ title: "right", geometry: "40x10+1232+200" });
    const terminal = await desktop.openTerminal({ title: "left", geometry: "60x12+140+160" });
    await desktop.waitFocus(terminal.window);
    const before = await compare(FIRST_SIZES);
    await gtk.key(0x1e, 0x30, 0x2e, 0x1c);
    await waitUntil("the typed line", async () => await terminal.typed() === "abc\n");
    const after = await compare(FIRST_SIZES);
    assert.notEqual(pictureDifference(after[0]!, before[0]!), null, "the text shows on the first head");

    await giveSizes(gtk, shell, SECOND_SIZES);
    await compare(SECOND_SIZES);
    assert.deepEqual(session.screen.heads.map(({ display }) => display), [0, 1]);
    assert.deepEqual(session.unsupported, []);
  },
});

/** Width and height of each head. */
type Sizes = typeof FIRST_SIZES | typeof SECOND_SIZES;

/**
 * Has spice-gtk ask for sizes, and then the guest do what a desktop does by itself: use the monitors as they now say
 * they want to be used.
 */
async function giveSizes(gtk: SpiceGtk, shell: GuestShell, sizes: Sizes): Promise<void> {
  await waitUntil("an agent", async () => /"connected":true/.test(JSON.stringify(await gtk.rpc.execute("agent"))));
  assert.equal(await gtk.rpc.execute("resize", { sizes }), true);
  const modes = sizes.map(([width, height]) => `${width}x${height}`);
  const [left, right] = await waitUntil("the monitors' new sizes", async () => {
    const outputs = (await shell.run("xrandr", [])).split(/^(?=\S)/m).filter((text) => / connected/.test(text));
    const all = outputs.length === modes.length && outputs.every((text, head) => text.includes(` ${modes[head]} `));
    return all && outputs.map((text) => text.split(" ")[0]!);
  }, { timeoutMs: 20_000, everyMs: 200 });
  await shell.run("xrandr", [
    ...["--output", left!, "--mode", modes[0]!, "--output", right!, "--mode", modes[1]!, "--right-of", left!],
  ]);
  await waitUntil("spice-gtk's new sizes", async () => {
    const primaries = await Promise.all(sizes.map((_, channel) => gtk.rpc.execute("primary", { channel })));
    return isDeepStrictEqual(primaries, sizes.map(([width, height]) => ({ width, height })));
  });
}

async function shotOf(session: Session, head: number): Promise<Picture> {
  return pictureOfRgba(await session.screen.screenshot({ head }));
}
