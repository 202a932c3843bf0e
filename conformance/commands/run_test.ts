import assert from "node:assert/strict";
import { CAPTURES } from "../capture.ts";
import { readCaptureFiles } from "../capture_files.ts";
import { decodePng } from "../../cli/png.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { COMMANDS } from "./commands.ts";
import { run } from "./run.ts";

const pathOf = (name: string) => new URL(`${name}.tar.gz`, CAPTURES).pathname;

/** Runs a command line. `heard` gets each line of the output. */
async function tried(
  words: readonly string[],
  heard: (line: string) => void = () => {},
  signal: AbortSignal = new AbortController().signal,
): Promise<{ code: number; out: string[]; err: string[] }> {
  const out: string[] = [], err: string[] = [];
  const code = await run(words, {
    out: (bytes) => {
      const lines = new TextDecoder().decode(bytes).replace(/\n$/, "").split("\n");
      out.push(...lines);
      lines.forEach(heard);
      return Promise.resolve();
    },
    err: (line) => err.push(line),
    stdin: () => Promise.resolve(new Uint8Array()),
    env: () => undefined,
    isTerminal: false,
    signal,
  });
  return { code, out, err };
}

Deno.test("every command has help that names its options, in lines of at most 120 characters", async () => {
  const all = await tried(["--help"]);
  assert.equal(all.code, 0);
  for (const { name, options } of COMMANDS) {
    assert.ok(all.out.some((line) => line.startsWith(`  ${name} `)));
    for (const words of [[name, "--help"], [name, "-h"], ["help", name]]) {
      const { code, out } = await tried(words);
      assert.equal(code, 0);
      for (const option of options) assert.ok(out.join("\n").includes(`--${option.name}`), option.name);
      for (const line of [...all.out, ...out]) assert.ok(line.length <= 120, line);
    }
  }
});

Deno.test("a wrong command line is told in one line, with code 2", async () => {
  const cases: [string[], RegExp][] = [
    [["roundtirp"], /^error: "roundtirp" is no command \(did you mean roundtrip\?\)$/],
    [["nothing/*", "--against", "spice://h:1"], /^error: no case fits "nothing\/\*"$/],
    [["--client=x {uri}", "--against", "y"], /^error: need one of --against, --server and --client$/],
    [["--against", "http://h:1"], /^error: /],
    [["--ledger", "--aera", "x"], /^error: there is no option --aera \(did you mean --area\?\)$/],
    [["roundtrip"], /^error: roundtrip wants <capture>…$/],
    [["dump", "a", "b"], /^error: "b" is one argument too many/],
    [["dump", "a", "--chanel", "main"], /did you mean --channel\?/],
    [["dump", "a", "--channel", "screen"], /^error: --channel: want main, display/],
    [["render", "a", "b.jpg"], /ends in \.png, not "b\.jpg"/],
    [["render", "a", "b.png", "--display", "256"], /--display: want a whole number from 0 to 255/],
    [["record", "x"], /^error: record wants --listen/],
    [
      ["record", "x", "--listen", "127.0.0.1:0", "--to", "spice://h:1", "--without", "main.MINI_HEADER"],
      /--without: "main\.MINI_HEADER" is no capability/,
    ],
    [["record", "x", "--listen", "5931", "--to", "spice://h:1"], /^error: --listen: want HOST:PORT/],
    [["record", "x", "--listen", "127.0.0.1:0", "--to", "http://h"], /^error: Cannot read SPICE URI/],
    [["record", "x", "--listen", "127.0.0.1:0", "--to", "spice+tls://h:1"], /^error: Cannot record this server: .*TLS/],
  ];
  for (const [words, pattern] of cases) {
    const { code, out, err } = await tried(words);
    assert.equal(code, 2, words.join(" "));
    assert.equal(err.length, 1);
    assert.match(err[0]!, pattern);
    assert.deepEqual(out, []);
  }
  assert.equal((await tried([])).code, 2);
});

Deno.test("roundtrip counts, and goes on after captures that cannot be read", async () => {
  await using dir = await makeTempDir("commands");
  const good = await tried(["roundtrip", pathOf("ops-off"), pathOf("surfaces")]);
  assert.deepEqual([good.code, good.out], [0, ["231 passed, 0 failed, 0 skipped"]]);

  const noise = `${dir.path}/noise.tar.gz`;
  await Deno.writeFile(noise, new Uint8Array(100));
  const { code, out } = await tried(["roundtrip", noise, `${dir.path}/none`, pathOf("surfaces")]);
  assert.equal(code, 1);
  assert.equal(out.length, 3);
  assert.match(out[0]!, /^noise all connections: failed: Cannot read capture: .*noise\.tar\.gz: incorrect header/);
  assert.match(out[1]!, /^none all connections: failed: Cannot read capture: .*none: no such file or folder$/);
  assert.equal(out[2], "99 passed, 2 failed, 0 skipped");
});

Deno.test("dump prints what the filters let through, as text and as JSON", async () => {
  const path = pathOf("libspice-heads");
  const text = await tried(["dump", path, "--channel", "display", "--message", "list*", "--hex"]);
  assert.equal(text.code, 0);
  assert.match(text.out[0]!, /^01 display 1 \+0\.645759 server byte 7302 serial 52: LIST, 98 bytes$/);
  assert.ok(text.out.includes("    [0]: WaitForChannel"));
  assert.match(text.out[2]!, /^ {2}000000 {2}02 00 51 00 00 00 .* {2}\.\.Q\..*$/);

  const json = await tried(["dump", path, "--connection", "0", "--from", "client", "--json"]);
  const entries = json.out.map((line) => JSON.parse(line));
  assert.deepEqual(entries.slice(0, 2).map(({ message, offset, value }) => [message, offset, value]), [
    ["SpiceLinkHeader", 0, { magic: 0x51444552, majorVersion: 2, minorVersion: 2, size: 26 }],
    ["SpiceLinkMess", 16, entries[1].value],
  ]);
  assert.ok(entries.every(({ connection, from }) => connection === "00" && from === "client"));
  const pong = entries.find(({ message }) => message === "PONG");
  assert.match(pong.value.timestamp, /^\d+$/);
});

Deno.test("render writes the picture, tells what is missing, and fails without the display", async () => {
  await using dir = await makeTempDir("commands");
  const path = `${dir.path}/out.png`;
  const { code, out, err } = await tried(["render", pathOf("surfaces"), path]);
  assert.deepEqual([code, out], [0, [`${path}: 640 × 480`]]);
  assert.match(err[0]!, /^unsupported: 2 × DISPLAY_DRAW_COMPOSITE/);
  assert.equal(decodePng(Deno.readFileSync(path)).width, 640);
  const none = await tried(["render", pathOf("surfaces"), path, "--display", "3"]);
  assert.equal(none.code, 1);
  assert.equal(none.err.at(-1), "error: there is no picture of display 3 (of 0)");
});

Deno.test("convert gives the same archive each time, and a folder that gives it again", async () => {
  await using dir = await makeTempDir("commands");
  const [folder, first, second] = [`${dir.path}/a`, `${dir.path}/a.tar.gz`, `${dir.path}/b.tar.gz`];
  assert.equal((await tried(["convert", pathOf("surfaces"), folder])).code, 0);
  assert.equal((await tried(["convert", folder, first])).code, 0);
  assert.equal((await tried(["convert", pathOf("surfaces"), second])).code, 0);
  assert.deepEqual(Deno.readFileSync(first), Deno.readFileSync(second));
  assert.deepEqual(readCaptureFiles(first), readCaptureFiles(pathOf("surfaces")));
  const again = await tried(["convert", first, folder]);
  assert.equal(again.code, 1);
  assert.match(again.err[0]!, /^error: Cannot write .*\/a: /);
});

for (const [archive, sessions] of [[false, 2], [true, 1]] as const) {
  Deno.test(`record keeps ${sessions} sessions in ${archive ? "an archive" : "a folder"}`, async () => {
    await using dir = await makeTempDir("commands");
    const folder = `${dir.path}/source`, out = `${dir.path}/out${archive ? ".tar.gz" : ""}`;
    await tried(["convert", pathOf("qemu-smartcard-idle"), folder]);
    const files = readCaptureFiles(folder), [ask, answer] = [files.get("00.c2s")!, files.get("00.s2c")!];
    using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const serving = (async () => {
      for (let n = 0; n < sessions; n++) await speak(await server.accept(), answer);
    })();
    const uri = Promise.withResolvers<URL>();
    const recording = tried(
      [
        "record",
        out,
        "--listen",
        "127.0.0.1:0",
        "--to",
        `spice://127.0.0.1:${server.addr.port}`,
        "--sessions",
        `${sessions}`,
      ],
      (line) => uri.resolve(new URL(/spice:\S+/.exec(line)?.[0] ?? "spice://none")),
    );
    const { hostname, port } = await uri.promise;
    for (let n = 0; n < sessions; n++) {
      assert.deepEqual(await speak(await Deno.connect({ hostname, port: Number(port) }), ask), answer);
    }
    await serving;
    const { code, out: lines } = await recording;
    assert.deepEqual([code, lines.at(-1)], [0, `${sessions} connections in ${out}`]);
    const again = await tried(["roundtrip", out]);
    assert.match(again.out[0]!, /^\d+ passed, 0 failed, 0 skipped$/);
    assert.deepEqual(readCaptureFiles(out).get("00.s2c"), answer);
    assert.deepEqual(
      [...Deno.readDirSync(dir.path)].map(({ name }) => name).sort(),
      [archive ? "out.tar.gz" : "out", "source"].sort(),
    );
  });
}

Deno.test("record ends with Ctrl-C, and leaves nothing when nobody came", async () => {
  await using dir = await makeTempDir("commands");
  const out = `${dir.path}/out.tar.gz`, interruption = new AbortController();
  const words = ["record", out, "--listen", "127.0.0.1:0", "--to", "spice://127.0.0.1:1"];
  const { code, err } = await tried(words, () => interruption.abort(130), interruption.signal);
  assert.deepEqual([code, err], [1, ["nobody connected: nothing was recorded"]]);
  assert.deepEqual([...Deno.readDirSync(dir.path)], []);
});

/** Says all, and returns all that the other side said. */
async function speak(conn: Deno.TcpConn, bytes: Uint8Array): Promise<Uint8Array> {
  using _ = conn;
  const heard: number[] = [];
  const listening = (async () => {
    const buffer = new Uint8Array(4096);
    for (let length; (length = await conn.read(buffer)) !== null;) heard.push(...buffer.subarray(0, length));
  })();
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
  await conn.closeWrite();
  await listening;
  return Uint8Array.from(heard);
}
