/** Our client's command line on real machines: what it prints, writes and presses, its exit codes and error lines. */
import assert from "node:assert/strict";
import { makeGrubIso } from "../peers/grub_iso.ts";
import { cropPicture, pictureDifference } from "../peers/picture.ts";
import { parsePpm } from "../peers/ppm.ts";
import { type Qemu, type QemuOptions, startQemu } from "../peers/qemu.ts";
import { peerTest } from "../peers/require_peer.ts";
import { freePort } from "../peers/free_port.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { makeTlsCertificates } from "../peers/tls_certificates.ts";
import { waitUntil } from "../peers/wait_until.ts";
import { startXspice } from "../peers/xspice.ts";
import { type ClientResult, runClient, startClient } from "./client_command.ts";

const QEMU = ["qemu-system-x86", "qemu-system-common"];
const GRUB = ["grub-common", "grub-pc-bin", "xorriso", "mtools"];
const XSPICE = ["xserver-xspice", "xserver-xorg-core", "xkb-data", "x11-xkb-utils", "x11-xserver-utils"];
const X_PROGRAMS = ["x11-utils", "x11-apps", "xdotool", "xterm", "openbox"];
const BIOS: QemuOptions = { vga: "std", boot: { kind: "none" } };

peerTest({
  name: "info tells name, UUID, heads, mouse modes, channels and capabilities",
  needs: QEMU,
  fn: async () => {
    const uuid = "12345678-9abc-def0-1234-56789abcdef0";
    await using qemu = await startQemu({ ...BIOS, extraArgs: ["-name", "first light", "-uuid", uuid] });
    const json = succeeded(await runClient(["info", qemu.uri, "--json"]));
    const facts = JSON.parse(json.out);
    assert.equal(facts.name, "first light");
    assert.equal(facts.uuid, uuid);
    assert.equal(facts.address, `127.0.0.1:${qemu.port}`);
    assert.deepEqual(facts.mouse, { current: "server", offered: ["server"] });
    assert.deepEqual(facts.agent, { connected: false });
    assert.deepEqual(facts.heads, [
      { display: 0, monitor: 0, surface: 0, x: 0, y: 0, width: 720, height: 400 },
    ]);
    const channels = new Map(facts.channels.map((channel: { type: string }) => [channel.type, channel]));
    assert.deepEqual([...channels.keys()], ["main", "display", "inputs", "cursor"]);
    // Source: the capabilities that reds.cpp, red-channel.cpp and the channels of spice-server 0.15.1 set.
    const common = ["PROTOCOL_AUTH_SELECTION", "AUTH_SPICE", "MINI_HEADER"];
    assert.deepEqual(channels.get("inputs"), {
      ...{ type: "inputs", id: 0, state: "open", error: null },
      capabilities: { common, channel: ["KEY_SCANCODE"] },
    });
    const text = succeeded(await runClient(["info", qemu.uri]));
    assert.match(text.out, /^Machine +first light \(12345678-9abc-def0-1234-56789abcdef0\)$/m);
    assert.match(text.out, /^Heads +0: 720 × 400 at 0, 0 of display channel 0$/m);
    assert.match(text.out, /^ +channel +.*NAME_AND_UUID/m);
  },
});

peerTest({
  name: "screenshot equals screendump: as PNG, as PPM, on the standard output, and a region of it",
  needs: QEMU,
  fn: async () => {
    await using dir = await makeTempDir("shot");
    await using qemu = await startQemu(BIOS);
    const expected = await qemu.stopStill();
    const ppm = `${dir.path}/screen.ppm`, png = `${dir.path}/screen.png`;
    const told = succeeded(await runClient(["screenshot", qemu.uri, ppm]));
    assert.equal(told.out, `${ppm}: 720 × 400\n`);
    assert.deepEqual(told.err, []);
    assert.equal(pictureDifference(parsePpm(await Deno.readFile(ppm)), expected), null);

    const json = JSON.parse(succeeded(await runClient(["screenshot", qemu.uri, png, "--json"])).out);
    assert.deepEqual(json, { file: png, width: 720, height: 400, quiet: true, unsupported: [] });
    assert.deepEqual([...(await Deno.readFile(png)).subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    for (const file of [png, ppm]) succeeded(await runClient(["wait", qemu.uri, "--equals", file]));

    const region = ["--region", "8,16,200,100", "--format", "ppm", "--quiet-ms", "0"];
    const piped = succeeded(await runClient(["screenshot", qemu.uri, "-", ...region]));
    const part = cropPicture(expected, { x: 8, y: 16, width: 200, height: 100 });
    assert.equal(pictureDifference(parsePpm(piped.stdout), part), null);

    failed(await runClient(["screenshot", qemu.uri, png, "--region", "700,0,100,10"]), 1, /reaches beyond the head/);
    const missing = ["screenshot", qemu.uri, png, "--display", "5", "--timeout-ms", "300"];
    failed(await runClient(missing), 1, /Cannot show head 5: /);
    failed(await runClient(["screenshot", qemu.uri, `${dir.path}/no/such.png`]), 1, /no such file or folder/);
  },
});

peerTest({
  name: "key, type and wait drive GRUB",
  needs: [...QEMU, ...GRUB],
  fn: async () => {
    await using dir = await makeTempDir("grub-cli");
    await using iso = await makeGrubIso();
    await using qemu = await startQemu({ vga: "qxl", boot: { kind: "iso", ...iso } });
    const menu = `${dir.path}/menu.png`;
    succeeded(await runClient(["screenshot", qemu.uri, menu]));
    succeeded(await runClient(["wait", qemu.uri, "--equals", menu]));
    const late = failed(
      await runClient(["wait", qemu.uri, "--differs", menu, "--timeout-ms", "400"]),
      1,
      /nothing differs/,
    );
    assert.ok(late.ms >= 400);

    // The server serves one client at a time, so the key comes from QEMU itself.
    const waiting = runClient(["wait", qemu.uri, "--differs", menu]);
    await waitUntil("the waiting client", async () => await countChannels(qemu) === 2);
    await qemu.qmp.execute("send-key", { keys: [{ type: "qcode", data: "down" }] });
    succeeded(await waiting);
    succeeded(await runClient(["key", qemu.uri, "up"]));
    succeeded(await runClient(["wait", qemu.uri, "--equals", menu]));

    succeeded(await runClient(["key", qemu.uri, "down"]));
    succeeded(await runClient(["wait", qemu.uri, "--differs", menu]));
    failed(await runClient(["wait", qemu.uri, "--equals", menu, "--timeout-ms", "300"]), 1, /[1-9]\d* pixels differ/);
    succeeded(await runClient(["key", qemu.uri, "up", "--delay-ms", "30"]));
    succeeded(await runClient(["wait", qemu.uri, "--equals", menu, "--region", "0,0,1024,768"]));

    const from = (await qemu.serial()).length;
    succeeded(await runClient(["key", qemu.uri, "c"]));
    await qemu.waitSerial("grub>", { from });
    succeeded(await runClient(["type", qemu.uri, "echo Saffron, [2026] #1", "--enter"]));
    await qemu.waitSerial("\n\rSaffron, [2026]", { from });
    succeeded(await runClient(["type", qemu.uri, "-"], { stdin: "echo from\\ the\\ pipe\n" }));
    await qemu.waitSerial("\n\rfrom the pipe", { from });
    // The cursor blinks in one place; the rest of the screen is still.
    succeeded(await runClient(["wait", qemu.uri, "--quiet-ms", "600", "--region", "0,600,1024,168"]));
  },
});

peerTest({
  name: "a ticket: right, wrong, missing and expired, by option, file, environment, URI and .vv file",
  needs: QEMU,
  fn: async () => {
    await using dir = await makeTempDir("ticket");
    await using qemu = await startQemu({ ...BIOS, ticket: "s3cret, too" });
    const info = (target: string, ...more: string[]) => runClient(["info", target, "--timeout-ms", "0", ...more]);
    const file = `${dir.path}/password`, vv = `${dir.path}/machine.vv`;
    await Deno.writeTextFile(file, "s3cret, too\n");
    await Deno.writeTextFile(
      vv,
      `[virt-viewer]\ntype=spice\nhost=127.0.0.1\nport=${qemu.port}\npassword=s3cret, too\n`,
    );
    succeeded(await info(qemu.uri, "--password", "s3cret, too"));
    succeeded(await info(qemu.uri, "--password-file", file));
    succeeded(await runClient(["info", qemu.uri, "--password-file", "-"], { stdin: "s3cret, too\n" }));
    succeeded(await runClient(["info", qemu.uri], { password: "s3cret, too" }));
    succeeded(await info(`${qemu.uri}?password=s3cret%2c%20too`));
    const { out } = succeeded(await info(vv));
    assert.ok(!out.includes("s3cret"));

    const wrong = failed(await info(qemu.uri, "--password", "s3cret"), 3, /refused the password \(PERMISSION_DENIED\)/);
    assert.ok(!wrong.err.join().includes("s3cret"));
    failed(await info(qemu.uri), 3, /wants a password \(PERMISSION_DENIED\): give it with --password-file/);
    await qemu.expireTicket("now");
    failed(await info(vv), 3, /refused the password \(PERMISSION_DENIED\): it is wrong, has expired/);
    const long = await info(qemu.uri, "--password", "x".repeat(61));
    failed(long, 1, /the password has 61 bytes, at most 60/);
  },
});

peerTest({
  name: "a unix socket, and a TLS port",
  needs: [...QEMU, "openssl"],
  fn: async () => {
    await using dir = await makeTempDir("unix");
    await using unix = await startQemu({ ...BIOS, unix: true });
    const expected = await unix.stopStill();
    const ppm = `${dir.path}/screen.ppm`;
    succeeded(await runClient(["screenshot", unix.uri, ppm]));
    assert.equal(pictureDifference(parsePpm(await Deno.readFile(ppm)), expected), null);

    await using certificates = await makeTlsCertificates();
    await using tls = await startQemu({ ...BIOS, tlsDir: certificates.dir });
    failed(await runClient(["info", tls.uri]), 1, /TLS is not supported; give the port of plain SPICE/);
    failed(
      await runClient(["info", `spice://127.0.0.1:${tls.port}`]),
      1,
      /is that its port of plain SPICE, without TLS/,
    );
  },
});

peerTest({
  name: "a server that wants TLS on some channels refuses those, with their reason",
  needs: [...QEMU, "openssl"],
  fn: async () => {
    await using certificates = await makeTlsCertificates();
    const spice = `tls-port=${freePort()},x509-dir=${certificates.dir},tls-channel=inputs`;
    await using qemu = await startQemu({ ...BIOS, spice });
    failed(await runClient(["key", qemu.uri, "a"]), 3, /wants TLS \(NEED_SECURED\)/);
    const facts = JSON.parse(succeeded(await runClient(["info", qemu.uri, "--json"])).out);
    const inputs = facts.channels.find(({ type }: { type: string }) => type === "inputs");
    assert.equal(inputs.state, "closed");
    assert.match(inputs.error, /NEED_SECURED/);
  },
});

peerTest({
  name: "Ctrl-C leaves no client behind on the server",
  needs: QEMU,
  fn: async () => {
    await using qemu = await startQemu(BIOS);
    for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      const events = startClient(["events", qemu.uri, "--json"]);
      await waitUntil("four channels", async () => await countChannels(qemu) === 4);
      events.signal(signal);
      const result = await events.result;
      assert.equal(result.code, code);
      assert.deepEqual(result.err, []);
      const types = result.out.trimEnd().split("\n").map((line) => JSON.parse(line).type);
      assert.ok(types.includes("init"), types.join());
      await waitUntil("no channel", async () => await countChannels(qemu) === 0);
    }
  },
});

peerTest({
  name: "click, move, drag and wheel on Xspice",
  needs: [...XSPICE, ...X_PROGRAMS],
  fn: async () => {
    await using xspice = await startXspice({ windowManager: true, driver: { SpiceStreamingVideo: "off" } });
    const events = await xspice.openEventWindow();
    const place = await xspice.place(events.window);
    const spot = `${place.x + 50},${place.y + 60}`;
    succeeded(await runClient(["move", xspice.uri, spot]));
    await waitUntil("the pointer", async () => {
      const { x, y } = await xspice.pointer();
      return `${x},${y}` === spot;
    });
    succeeded(await runClient(["click", xspice.uri, spot, "--count", "2"]));
    succeeded(await runClient(["click", xspice.uri, spot, "--button", "right"]));
    succeeded(await runClient(["wheel", xspice.uri, "2", spot]));
    succeeded(await runClient(["wheel", xspice.uri, "-1", spot]));
    await waitUntil("six buttons", async () => (await events.buttons()).length === 6);
    assert.deepEqual(await events.buttons(), [1, 1, 3, 5, 5, 4]);

    const frame = await xspice.frame(events.window);
    const from = { x: place.x + 60, y: place.y - Math.floor(frame.top / 2) };
    succeeded(await runClient(["drag", xspice.uri, `${from.x},${from.y}`, `${from.x - 100},${from.y - 50}`]));
    await waitUntil("the window's new place", async () => (await xspice.place(events.window)).x === place.x - 100);
    assert.equal((await xspice.place(events.window)).y, place.y - 50);
  },
});

Deno.test("nothing listens: code 4", async () => {
  const port = freePort();
  const result = await runClient(["info", `spice://127.0.0.1:${port}`]);
  failed(result, 4, new RegExp(`^error: cannot reach 127\\.0\\.0\\.1:${port}: nothing listens there$`));
  failed(await runClient(["info", "spice+unix:///no/such/socket"]), 4, /there is no such socket/);
});

Deno.test("a port that speaks HTTP is named as such", async () => {
  await using server = stranger((conn) => send(conn, "HTTP/1.1 400 Bad Request\r\n\r\n"));
  failed(await runClient(["info", server.uri]), 1, /is no SPICE server: it says "HTTP\/1\.1 400 Bad" .*speaks HTTP$/);
});

Deno.test("a server that says nothing is given up after the handshake limit: code 4", async () => {
  await using server = stranger(() => Promise.resolve());
  const result = await runClient(["screenshot", server.uri, "never.png", "--handshake-ms", "300"]);
  failed(result, 4, /accepts connections but does not answer as a SPICE server: no end of the handshake after 300 ms/);
  assert.ok(result.ms >= 300 && result.ms < 5000, `${result.ms} ms`);
  await waitUntil("the closed connection", () => server.closed() === 1);
});

Deno.test("Ctrl-C while a server says nothing leaves no socket", async () => {
  await using server = stranger(() => Promise.resolve());
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const before = server.accepted();
    const client = startClient(["events", server.uri]);
    await waitUntil("the connection", () => server.accepted() === before + 1);
    client.signal(signal);
    const result = await client.result;
    assert.equal(result.code, code);
    assert.deepEqual(result.err, []);
    await waitUntil("the closed connection", () => server.closed() === before + 1);
  }
});

/** Channels that a client has open, as the server counts them. */
async function countChannels(qemu: Qemu): Promise<number> {
  const answer = await qemu.qmp.execute("query-spice");
  const channels = answer instanceof Object && "channels" in answer ? answer.channels : [];
  return Array.isArray(channels) ? channels.length : 0;
}

function succeeded(result: ClientResult): ClientResult {
  assert.equal(result.code, 0, result.err.join("\n"));
  return result;
}

/** One line for people, and the exit code. */
function failed(result: ClientResult, code: number, line: RegExp): ClientResult {
  assert.equal(result.code, code, result.err.join("\n"));
  assert.equal(result.err.length, 1, result.err.join("\n"));
  assert.match(result.err[0]!, line);
  return result;
}

/** A server on a port of its own that is none. */
interface Stranger extends AsyncDisposable {
  readonly uri: string;
  /** Connections so far. */
  accepted(): number;
  /** Connections that the client has closed. */
  closed(): number;
}

function stranger(greet: (conn: Deno.Conn) => Promise<void>): Stranger {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let accepted = 0, closed = 0;
  const serve = async (conn: Deno.Conn) => {
    const buffer = new Uint8Array(4096);
    try {
      await greet(conn);
      while (await conn.read(buffer) !== null);
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
    } finally {
      closed++;
      conn.close();
    }
  };
  const serving = (async () => {
    const all: Promise<void>[] = [];
    for await (const conn of listener) {
      accepted++;
      all.push(serve(conn));
    }
    await Promise.all(all);
  })();
  return {
    uri: `spice://127.0.0.1:${listener.addr.port}`,
    accepted: () => accepted,
    closed: () => closed,
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await serving;
    },
  };
}

async function send(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
