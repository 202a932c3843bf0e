/** The instruments themselves: each peer starts, shows something, agrees with the other peers, and goes away. */

import assert from "node:assert/strict";
import { GRUB_MENU, makeGrubIso } from "../peers/grub_iso.ts";
import { countColours, cropPicture, pictureDifference } from "../peers/picture.ts";
import { type Boot, startQemu, type Vga } from "../peers/qemu.ts";
import { runProcess, startProcess } from "../peers/process.ts";
import { peerTest, readPackageList } from "../peers/require_peer.ts";
import { spicyScreenshot } from "../peers/spicy_screenshot.ts";
import { startSpiceGtk } from "../peers/spice_gtk.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { makeTlsCertificates } from "../peers/tls_certificates.ts";
import { pause, waitUntil } from "../peers/wait_until.ts";
import { startXspice } from "../peers/xspice.ts";

const QEMU = ["qemu-system-x86", "qemu-system-common"];
const GRUB = ["grub-common", "grub-pc-bin", "xorriso", "mtools"];
const GTK = ["gir1.2-spiceclientglib-2.0", "python3-gi"];
const XSPICE = ["xserver-xspice", "xserver-xorg-core", "xkb-data", "x11-xkb-utils", "x11-xserver-utils"];
const X_PROGRAMS = ["x11-utils", "x11-apps", "xdotool", "xterm", "openbox"];
const DOWN = 0x150, ENTER = 0x1c, KEY_C = 0x2e;

Deno.test("_tools/peers.packages names every package these tests need", () => {
  const list = readPackageList();
  const needs = [...QEMU, ...GRUB, ...GTK, ...XSPICE, ...X_PROGRAMS, "memtest86+", "spice-client-gtk", "openssl"];
  assert.deepEqual(needs.filter((name) => !list.has(name)), []);
});

Deno.test("startProcess() ends a program with its children", async () => {
  let pid: number;
  {
    await using shell = startProcess("sh", ["-c", "sleep 60 & echo child $!; wait"]);
    pid = Number(await waitUntil("the child", () => /child (\d+)/.exec(shell.output())?.[1]));
    assert.equal((await Deno.stat(`/proc/${pid}`)).isDirectory, true);
  }
  // A killed orphan stays a zombie until its reaper comes by.
  await waitUntil("the child's end", async () => {
    const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
    return status === "" || status.includes("State:\tZ");
  }, { timeoutMs: 2000 });
});

Deno.test("startProcess() ends a program that ignores SIGTERM", async () => {
  const start = performance.now();
  {
    await using shell = startProcess("sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 1; done"]);
    await waitUntil("the trap", () => shell.output().includes("ready"));
  }
  assert.ok(performance.now() - start < 10_000);
});

Deno.test("runProcess() ends a program at its time limit", async () => {
  const { code, ms } = await runProcess("sleep", ["60"], { lifeMs: 200 });
  assert.equal(code, 137);
  assert.ok(ms < 10_000);
});

Deno.test("a program dies with the process that started it, however that ends", async () => {
  const script = `
    import { startProcess } from ${JSON.stringify(new URL("../peers/process.ts", import.meta.url).href)};
    const sleep = startProcess("sleep", ["61"]);
    console.log(sleep.pid);
    // Before it is itself it has not yet asked to die.
    while (await Deno.readTextFile(\`/proc/\${sleep.pid}/comm\`) !== "sleep\\n");
    Deno.kill(Deno.pid, "SIGKILL");`;
  const { stdout } = await runProcess(Deno.execPath(), ["eval", script]);
  const pid = Number(stdout.trim());
  assert.ok(pid > 1, stdout);
  await waitUntil("its end", async () => {
    const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
    return status === "" || status.includes("State:\tZ");
  }, { timeoutMs: 5000 });
});

for (const vga of ["qxl", "std", "virtio"] as const) {
  peerTest({
    name: `QEMU -vga ${vga}: SeaBIOS, memtest86+ and GRUB look alike in screendump and spicy-screenshot`,
    needs: [...QEMU, ...GRUB, "memtest86+", "spice-client-gtk"],
    fn: async (t) => {
      await using iso = await makeGrubIso();
      await t.step("SeaBIOS", () => looksAlike(vga, { kind: "none" }, 720, 400, 2));
      await t.step("memtest86+", () => looksAlike(vga, { kind: "memtest" }, 720, 400, 4));
      await t.step("GRUB over a photograph", () => looksAlike(vga, { kind: "iso", ...iso }, 1024, 768, 50_000));
    },
  });
}

async function looksAlike(vga: Vga, boot: Boot, width: number, height: number, leastColours: number): Promise<void> {
  await using qemu = await startQemu({ vga, boot });
  const truth = await qemu.stopStill();
  assert.deepEqual([truth.width, truth.height], [width, height]);
  assert.ok(countColours(truth) >= leastColours, `${countColours(truth)} colours`);
  const { picture } = await spicyScreenshot(qemu.uri);
  assert.equal(pictureDifference(picture, truth), null);
}

peerTest({
  name: "QEMU on a unix socket with a ticket: spice-gtk drives GRUB's menu and command line",
  needs: [...QEMU, ...GRUB, ...GTK],
  fn: async () => {
    await using iso = await makeGrubIso({ width: 1920, height: 1080 });
    // The comma would end the value in QEMU's syntax.
    await using qemu = await startQemu({ vga: "qxl", boot: { kind: "iso", ...iso }, unix: true, ticket: "a,b" });
    assert.ok(qemu.socketPath !== null);
    await using gtk = await startSpiceGtk({ socketPath: qemu.socketPath, ticket: "a,b" });

    await gtk.key(DOWN, ENTER);
    await qemu.waitSerial(GRUB_MENU[1].says);
    const truth = await qemu.stopStill();
    assert.deepEqual([truth.width, truth.height], [1920, 1080]);
    await waitUntil("the same picture in spice-gtk", async () => pictureDifference(await gtk.shot(), truth) === null);
    await qemu.cont();

    let from = (await qemu.serial()).length;
    await gtk.key(ENTER);
    await qemu.waitSerial(iso.readyText, { from });
    for (const { title } of GRUB_MENU.slice(1)) {
      // GRUB marks an entry with a star. It is slow to draw, and keys sent meanwhile can get lost.
      from = (await qemu.serial()).length;
      await gtk.key(DOWN);
      await qemu.waitSerial(`*${title}`, { from });
    }
    await gtk.key(ENTER);
    await qemu.waitScreen("1280x720", (picture) => picture.width === 1280 && countColours(picture) > 50_000);

    from = (await qemu.serial()).length;
    await gtk.key(KEY_C);
    await qemu.waitSerial("grub>", { from });
  },
});

peerTest({
  name: "QEMU with a ticket refuses a wrong one and an expired one",
  needs: [...QEMU, "spice-client-gtk"],
  fn: async () => {
    await using qemu = await startQemu({ vga: "std", boot: { kind: "none" }, ticket: "right", memoryMb: 8 });
    await spicyScreenshot(qemu.uri, { ticket: "right" });
    await assert.rejects(spicyScreenshot(qemu.uri, { ticket: "wrong" }), /wrote no picture/);
    await qemu.setTicket("new");
    await assert.rejects(spicyScreenshot(qemu.uri, { ticket: "right" }), /wrote no picture/);
    await spicyScreenshot(qemu.uri, { ticket: "new" });
    await qemu.expireTicket("now");
    await assert.rejects(spicyScreenshot(qemu.uri, { ticket: "new" }), /wrote no picture/);

    const boot = { kind: "none" } as const;
    await using expired = await startQemu({ vga: "std", boot, ticket: "right", ticketExpired: true, memoryMb: 8 });
    await assert.rejects(spicyScreenshot(expired.uri, { ticket: "right" }), /wrote no picture/);
  },
});

peerTest({
  name: "QEMU with TLS serves a certificate that Deno accepts",
  needs: [...QEMU, "openssl"],
  fn: async () => {
    await using certificates = await makeTlsCertificates();
    await using qemu = await startQemu({ vga: "std", boot: { kind: "none" }, tlsDir: certificates.dir });
    assert.equal(qemu.uri, `spice+tls://127.0.0.1:${qemu.port}`);
    const caCerts = [await Deno.readTextFile(certificates.caFile)];
    using conn = await Deno.connectTls({ hostname: "127.0.0.1", port: qemu.port, caCerts });
    await conn.handshake();
  },
});

peerTest({
  name: "startQemu() says what QEMU said when it does not start",
  needs: QEMU,
  fn: async () => {
    const start = startQemu({ vga: "std", boot: { kind: "none" }, extraArgs: ["-device", "no-such-device"] });
    await assert.rejects(start, /no-such-device/);
  },
});

peerTest({
  name: "Xspice: typed text, clicks and pictures of real X programs",
  needs: [...XSPICE, ...X_PROGRAMS, ...GTK, "spice-client-gtk"],
  fn: async () => {
    await using xspice = await startXspice({ windowManager: true, layout: "fr" });
    const terminal = await xspice.openTerminal({ fillLines: 50 });
    const events = await xspice.openEventWindow();
    const { x, y, width, height } = await xspice.place(terminal.window);
    const frame = await xspice.frame(terminal.window);
    assert.deepEqual([x - frame.left, y - frame.top], [40, 60]);
    assert.ok(frame.top > 5, "no title bar");

    await using gtk = await startSpiceGtk({ port: xspice.port });
    const click = async (atX: number, atY: number, button: number) => {
      await gtk.rpc.execute("position", { x: atX, y: atY });
      await waitUntil(`pointer at ${atX},${atY}`, async () => (await xspice.pointer()).x === atX);
      const mask = button <= 3 ? 1 << (button - 1) : 0;
      await gtk.rpc.execute("button", { button, buttons: mask, down: true });
      await gtk.rpc.execute("button", { button, buttons: 0, down: false });
    };
    await gtk.rpc.execute("mouse_mode", { mode: 2 });
    const other = await xspice.place(events.window);
    for (const button of [1, 3, 4, 5]) await click(other.x + 150 + button, other.y + 100, button);
    await waitUntil("four buttons", async () => (await events.buttons()).length === 4);
    assert.deepEqual(await events.buttons(), [1, 3, 4, 5]);

    await click(x + width - 10, y + height / 2, 1);
    await xspice.waitFocus(terminal.window);
    // The keys that are q, w and 2 on a us keyboard.
    await gtk.key(0x10, 0x11, 0x03, ENTER);
    await waitUntil("the line", async () => (await terminal.typed()) !== "");
    assert.equal(await terminal.typed(), "azé\n");
    await xspice.setLayout("us");
    await gtk.key(0x10, 0x11, 0x03, ENTER);
    await waitUntil("the second line", async () => (await terminal.typed()).split("\n").length === 3);
    assert.equal(await terminal.typed(), "azé\nqw2\n");

    const before = cropPicture(await xspice.screendump(), { x, y, width, height });
    await click(x + width - 11, y + height / 2, 4);
    await waitUntil("the wheel's effect", async () => {
      const now = cropPicture(await xspice.screendump(), { x, y, width, height });
      return pictureDifference(now, before) !== null;
    });
    // X draws a two-colour pointer, as xterm's, into the picture itself: out of the terminal with it.
    await gtk.rpc.execute("position", { x: 900, y: 100 });
    await pause(200);
    const truth = await xspice.screendump();
    assert.deepEqual([truth.width, truth.height], [1024, 768]);
    await waitUntil("the same picture in spice-gtk", async () => pictureDifference(await gtk.shot(), truth) === null);
    const { picture } = await spicyScreenshot(xspice.uri);
    assert.equal(pictureDifference(picture, truth), null);
  },
});

peerTest({
  name: "a disposed machine leaves neither process nor socket",
  needs: QEMU,
  fn: async () => {
    const qemu = await startQemu({ vga: "std", boot: { kind: "none" }, unix: true });
    assert.ok(qemu.socketPath !== null);
    const folder = qemu.socketPath.slice(0, qemu.socketPath.lastIndexOf("/"));
    assert.equal((await Deno.stat(folder)).isDirectory, true);
    await qemu[Symbol.asyncDispose]();
    assert.ok(qemu.process.ended());
    await assert.rejects(Deno.stat(folder), Deno.errors.NotFound);
    await assert.rejects(Deno.stat(`/proc/${qemu.process.pid}`), Deno.errors.NotFound);
  },
});

Deno.test("peerTest() fails in CI and is ignored elsewhere when a package is missing", async () => {
  await using dir = await makeTempDir("peer-test");
  const file = `${dir.path}/ghost_test.ts`;
  await Deno.writeTextFile(
    file,
    `import { peerTest } from ${JSON.stringify(new URL("../peers/require_peer.ts", import.meta.url).href)};
     peerTest({ name: "boo", needs: ["ghost"], fn: () => {} }, new Map([["ghost", "/nonexistent"]]));`,
  );
  const run = (ci: string) =>
    runProcess(Deno.execPath(), ["test", "--no-config", "--allow-read", "--allow-env", file], {
      env: { CI: ci, NO_COLOR: "1" },
    });
  const inCi = await run("true");
  assert.equal(inCi.code, 1);
  assert.match(inCi.stdout, /apt-get install ghost/);
  const elsewhere = await run("");
  assert.equal(elsewhere.code, 0);
  assert.match(elsewhere.stdout, /boo \(not installed: ghost\) \.\.\. ignored/);
  assert.match(elsewhere.stdout, /1 ignored/);
});

Deno.test("peerTest() refuses a package that CI would not install", () => {
  assert.throws(() => peerTest({ name: "boo", needs: ["no-such-package"], fn: () => {} }), /not in _tools/);
});
