/** Linux with X on two heads of a QEMU without -spice, behind our server: each display channel shows its own head. */
import assert from "node:assert/strict";
import { QemuMachine } from "../../machines.ts";
import { connect, type Session, SpiceServer } from "../../mod.ts";
import { LINUX_GUEST } from "../peers/linux_guest.ts";
import { makeLinuxGuestFiles } from "../peers/linux_guest_files.ts";
import { type Picture, pictureDifference, pictureOfRgba } from "../peers/picture.ts";
import { connectQmp } from "../peers/qmp.ts";
import { peerTest } from "../peers/require_peer.ts";
import { startSpiceGtk } from "../peers/spice_gtk.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { waitUntil } from "../peers/wait_until.ts";

const PROGRAM = ["qemu-system-x86_64", "-accel", "tcg", "-no-user-config", "-nodefaults", "-m", "512"];
const HEADS = [{ width: 1024, height: 768 }, { width: 800, height: 600 }] as const;

peerTest({
  name:
    "two heads with X behind our server: spice-gtk and our client see the screendump of each; text reaches a window",
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

    // A viewer that gives the second head a size plugs its monitor in.
    machine.input({ kind: "resize", head: 1, ...HEADS[1] });
    const outputs = await waitUntil("two monitors", async () => {
      const names = [...(await shell.run("xrandr", [])).matchAll(/^(\S+) connected/gm)].map(([, name]) => name!);
      return names.length === 2 ? names : undefined;
    }, { timeoutMs: 20_000, everyMs: 200 });
    const sideways = ["--mode", "800x600", "--right-of", outputs[0]!];
    await shell.run("xrandr", ["--output", outputs[0]!, "--mode", "1024x768", "--output", outputs[1]!, ...sideways]);
    await shell.run("xsetroot", ["-mod", "16", "16", "-fg", "#204060", "-bg", "#806040"]);
    await desktop.openTerminal({ title: "right", geometry: "40x10+1224+200" });
    const terminal = await desktop.openTerminal({ title: "left", geometry: "60x12+140+160" });
    await desktop.waitFocus(terminal.window);

    await using gtk = await startSpiceGtk({ port: Number(new URL(uri).port) });
    await using session = await connect(uri);
    await waitUntil("the second display", async () => await gtk.rpc.execute("primary", { channel: 1 }) !== null);
    const compare = async () => {
      await qmp.stop();
      const dumps: Picture[] = [];
      for (const [head, { width, height }] of HEADS.entries()) {
        const expected = await qmp.screendump({ device: "card", head });
        assert.deepEqual([expected.width, expected.height], [width, height]);
        const same = (what: string, shot: () => Promise<Picture>) =>
          waitUntil(`head ${head} in ${what}`, async () => pictureDifference(await shot(), expected) === null);
        await same("spice-gtk", () => gtk.shot(head));
        await same("our client", () => shotOf(session, head));
        dumps.push(expected);
      }
      await qmp.cont();
      return dumps;
    };
    const before = await compare();

    await gtk.key(0x1e, 0x30, 0x2e, 0x1c);
    await waitUntil("the typed line", async () => await terminal.typed() === "abc\n");
    const after = await compare();
    assert.notEqual(pictureDifference(after[0]!, before[0]!), null, "the text shows on the first head");
    assert.deepEqual(session.screen.heads.map(({ display }) => display), [0, 1]);
    assert.deepEqual(session.unsupported, []);
  },
});

async function shotOf(session: Session, head: number): Promise<Picture> {
  return pictureOfRgba(await session.screen.screenshot({ head }));
}
