/** Our client, as a library, on QEMU's own SPICE server: pixels, keys, text and tickets. */
import assert from "node:assert/strict";
import { connect, type Picture, ProtocolError } from "../../mod.ts";
import { GRUB_MENU, makeGrubIso } from "../peers/grub_iso.ts";
import { pictureDifference, pictureOfRgba } from "../peers/picture.ts";
import { type Boot, type Qemu, startQemu, type Vga } from "../peers/qemu.ts";
import { peerTest } from "../peers/require_peer.ts";

const QEMU = ["qemu-system-x86", "qemu-system-common"];
const GRUB = ["grub-common", "grub-pc-bin", "xorriso", "mtools"];
const CARDS: readonly Vga[] = ["qxl", "std", "virtio"];

for (const vga of CARDS) {
  peerTest({
    name: `screenshot equals screendump: SeaBIOS on ${vga}`,
    needs: QEMU,
    fn: () => equalsScreendump(vga, { kind: "none" }),
  });
  peerTest({
    name: `screenshot equals screendump: memtest86+ on ${vga}`,
    needs: [...QEMU, "memtest86+"],
    fn: () => equalsScreendump(vga, { kind: "memtest" }),
  });
  peerTest({
    name: `GRUB on ${vga}: screenshots equal screendumps, keys and text reach it`,
    needs: [...QEMU, ...GRUB],
    fn: () => driveGrub(vga),
  });
}

peerTest({
  name: "a ticket lets in when right, and is refused when wrong, missing or expired",
  needs: QEMU,
  fn: async () => {
    await using qemu = await startQemu({ vga: "std", boot: { kind: "none" }, ticket: "s3cret" });
    await using session = await connect(qemu.uri, { password: "s3cret" });
    assert.equal(session.ended, null);
    for (const password of ["wrong", ""]) await refused(qemu, password);
    await using expired = await startQemu({
      vga: "std",
      boot: { kind: "none" },
      ticket: "s3cret",
      ticketExpired: true,
    });
    await refused(expired, "s3cret");
  },
});

peerTest({
  name: "full data headers, when the client does not ask for mini ones",
  needs: QEMU,
  fn: async () => {
    await using qemu = await startQemu({ vga: "std", boot: { kind: "none" } });
    const expected = await qemu.stopStill();
    await using session = await connect(qemu.uri, { miniHeader: false });
    assert.equal(pictureDifference(pictureOfRgba(await session.screen.screenshot()), expected), null);
  },
});

peerTest({
  name: "a unix socket",
  needs: QEMU,
  fn: async () => {
    await using qemu = await startQemu({ vga: "qxl", boot: { kind: "none" }, unix: true });
    const expected = await qemu.stopStill();
    await using session = await connect(qemu.uri);
    assert.equal(pictureDifference(pictureOfRgba(await session.screen.screenshot()), expected), null);
  },
});

peerTest({
  name: "two heads of one card are two pictures",
  needs: QEMU,
  fn: async () => {
    const extraArgs = ["-device", "virtio-vga,max_outputs=2"];
    await using qemu = await startQemu({ vga: "none", boot: { kind: "none" }, extraArgs });
    const expected = await qemu.stopStill();
    await using session = await connect(qemu.uri);
    assert.equal(pictureDifference(pictureOfRgba(await session.screen.screenshot()), expected), null);
    const second = await session.screen.screenshot({ head: 1 });
    assert.deepEqual(session.screen.heads.map(({ display }) => display), [0, 1]);
    assert.deepEqual([second.width, second.height], [640, 480]);
  },
});

peerTest({
  name: "a screen that never rests is taken all the same, and says so",
  needs: QEMU,
  fn: async () => {
    // SeaBIOS leaves a text cursor that blinks.
    await using qemu = await startQemu({ vga: "std", boot: { kind: "none" } });
    await using session = await connect(qemu.uri);
    assert.equal((await session.screen.screenshot({ quietMs: 1000, settleMs: 1500 })).quiet, false);
    await assert.rejects(session.screen.waitQuiet({ quietMs: 1000, timeoutMs: 1500 }), /not still for 1000 ms/);
  },
});

async function equalsScreendump(vga: Vga, boot: Boot): Promise<void> {
  await using qemu = await startQemu({ vga, boot });
  const expected = await qemu.stopStill();
  await using session = await connect(qemu.uri);
  assert.equal(pictureDifference(pictureOfRgba(await session.screen.screenshot()), expected), null);
  assert.deepEqual(session.unsupported, []);
}

async function driveGrub(vga: Vga): Promise<void> {
  await using iso = await makeGrubIso();
  await using qemu = await startQemu({ vga, boot: { kind: "iso", ...iso } });
  await using session = await connect(qemu.uri);
  await equalsStopped(qemu, () => session.screen.screenshot());

  const menu = await session.screen.screenshot();
  await session.keyboard.press("down");
  await session.screen.waitFor(menu, "different");
  await session.keyboard.press("enter");
  await qemu.waitSerial(GRUB_MENU[1].says);
  await session.keyboard.press("enter");

  const from = (await qemu.serial()).length;
  await session.keyboard.press("c");
  await qemu.waitSerial("grub>", { from });
  await session.keyboard.type("echo Hello, World 42\n");
  await qemu.waitSerial("\n\rHello, World 42", { from });
  await equalsStopped(qemu, () => session.screen.screenshot());
  assert.deepEqual(session.unsupported, []);
}

/** While the machine is stopped, our picture must be QEMU's. */
async function equalsStopped(qemu: Qemu, picture: () => Promise<Picture>): Promise<void> {
  const expected = await qemu.stopStill();
  assert.equal(pictureDifference(pictureOfRgba(await picture()), expected), null);
  await qemu.cont();
}

async function refused(qemu: Qemu, password: string): Promise<void> {
  await assert.rejects(connect(qemu.uri, { password }), (error) => {
    assert(error instanceof ProtocolError);
    assert.equal(error.code, "link-refused");
    assert.equal(error.linkError, 7, "PERMISSION_DENIED");
    return true;
  });
}
