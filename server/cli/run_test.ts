import assert from "node:assert/strict";
import type { Terminal } from "../../cli/terminal.ts";
import { PixelsMachine } from "../machines/pixels_machine.ts";
import { type MachineKind, MACHINES } from "./machines.ts";
import { run } from "./run.ts";

interface Session {
  readonly code: Promise<number>;
  readonly out: () => string;
  readonly err: readonly string[];
  /** Resolves when this was written to the standard output. */
  printed(part: string): Promise<void>;
  abort(code: number): void;
}

function start(words: string[], kinds: readonly MachineKind[] = MACHINES, env: Record<string, string> = {}): Session {
  let out = "";
  const err: string[] = [];
  const abort = new AbortController();
  const waits: { part: string; done: () => void }[] = [];
  const terminal: Terminal = {
    out: (bytes) => {
      out += new TextDecoder().decode(bytes);
      for (const { part, done } of waits) if (out.includes(part)) done();
      return Promise.resolve();
    },
    err: (line) => err.push(line),
    stdin: () => Promise.resolve(new Uint8Array()),
    env: (name) => env[name],
    isTerminal: false,
    signal: abort.signal,
  };
  const printed = (part: string) =>
    new Promise<void>((done) => out.includes(part) ? done() : waits.push({ part, done }));
  return { code: run(words, terminal, kinds), out: () => out, err, printed, abort: (code) => abort.abort(code) };
}

function pixels() {
  const machine = new PixelsMachine({ width: 64, height: 64, name: "test" });
  const kinds: MachineKind[] = [{ name: "demo", about: "pixels", options: [], make: () => machine }];
  return { machine, kinds };
}

Deno.test("--help names every machine and every option", async () => {
  for (const words of [["--help"], ["-h"], ["--machine", "nonsense", "--help"]]) {
    const { code, out, err } = start(words);
    assert.equal(await code, 0);
    assert.deepEqual(err, []);
    for (const part of ["--listen", "--password-file", "--stats-seconds", "  qemu ", "  rfb ", "Exit codes:"]) {
      assert.ok(out().includes(part), part);
    }
    for (const line of out().split("\n")) assert.ok(line.length <= 120, line);
  }
});

Deno.test("--help behind -- belongs to the command", async () => {
  const { code, out, err } = start(["--machine", "rfb", "--", "x", "--help"]);
  assert.equal(await code, 2);
  assert.equal(out(), "");
  assert.match(err[0]!, /takes no command behind --; see --help$/);
});

Deno.test("a wrong command line is one line and exit code 2", async () => {
  for (const words of [["--listne", "x"], ["--listen", "x"], ["--machine", "relay", "spice://h:1"], ["--password="]]) {
    const { code, out, err } = start(words);
    assert.equal(await code, 2, words.join(" "));
    assert.equal(out(), "");
    assert.equal(err.length, 1);
    assert.match(err[0]!, /^error: .*; see --help$/);
  }
});

Deno.test("it serves until a signal, and ends well", async () => {
  const { kinds } = pixels();
  const session = start(["--listen", "127.0.0.1:0", "--log-json"], kinds);
  await session.printed("Ctrl-C stops it.");
  const [, port] = /remote-viewer spice:\/\/127\.0\.0\.1:(\d+)$/m.exec(session.out()) ?? [];
  (await Deno.connect({ port: Number(port) })).close();
  session.abort(143);
  assert.equal(await session.code, 0);
  await assert.rejects(Deno.connect({ port: Number(port) }), Deno.errors.ConnectionRefused);
  const events = session.err.map((line) => JSON.parse(line).event);
  assert.equal(events[0], "listening");
  assert.deepEqual(events.slice(-2), ["stopping", "stopped"]);
});

Deno.test("it ends with the machine, with its exit code and last words", async () => {
  for (const code of [0, 7, null]) {
    const { machine } = pixels();
    const ended = Promise.withResolvers<{ code: number | null; message: string }>();
    const kinds: MachineKind[] = [{
      ...{ name: "demo", about: "", options: [] },
      make: () =>
        Object.assign(machine, {
          start: (_vdi: unknown, tell: (end: { code: number | null; message: string }) => void) => {
            ended.promise.then(tell);
            return Promise.resolve();
          },
        }),
    }];
    const session = start(["--listen", "127.0.0.1:0"], kinds);
    await session.printed("Ctrl-C");
    ended.resolve({ code, message: "the guest\x1b[2J burnt" });
    assert.equal(await session.code, code ?? 1);
    const line = session.err.find((line) => line.includes("the machine ended: the guest\\x1b[2J burnt"));
    assert.match(line ?? "", code === 0 ? / info / : / error /);
  }
});

Deno.test("a signal while the machine starts ends it too", async () => {
  let stopped = false;
  const kinds: MachineKind[] = [{
    ...{ name: "demo", about: "", options: [] },
    make: () => ({
      start: () => new Promise(() => {}),
      input: () => {},
      watched: () => {},
      stop: () => Promise.resolve(void (stopped = true)),
    }),
  }];
  const session = start(["--listen", "127.0.0.1:0"], kinds);
  setTimeout(() => session.abort(130), 20);
  assert.equal(await session.code, 0);
  assert.ok(stopped);
});

Deno.test("a port in use is exit code 4, and no machine is started for the others", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { machine, kinds } = pixels();
  machine.start = () => assert.fail("started");
  const session = start(["--listen", "127.0.0.1:0", "--listen", `127.0.0.1:${taken.addr.port}`], kinds);
  assert.equal(await session.code, 4);
  assert.deepEqual(session.err, [
    `error: Cannot listen on 127.0.0.1:${taken.addr.port}: another program listens there already`,
  ]);
});

Deno.test("a VNC server that is not there is exit code 4", async () => {
  const { addr: { port } } = (() => {
    using free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    return { addr: free.addr };
  })();
  const session = start(["--listen", "127.0.0.1:0", "--machine", "rfb", `vnc://127.0.0.1:${port}`]);
  assert.equal(await session.code, 4);
  assert.match(session.err[0]!, /^error: Cannot use the VNC server: no connection to 127\.0\.0\.1:/);
});

Deno.test("a socket that a killed server left is taken over", async () => {
  const dir = await Deno.makeTempDir({ prefix: "saffron-serve-" });
  try {
    const path = `${dir}/a.sock`;
    const dead = Deno.listen({ transport: "unix", path: `${dir}/b.sock` });
    await Deno.rename(`${dir}/b.sock`, path);
    dead.close();
    const session = start(["--listen", `unix:${path}`], pixels().kinds);
    await session.printed(`remote-viewer spice+unix://${path}`);
    (await Deno.connect({ transport: "unix", path })).close();
    const second = start(["--listen", `unix:${path}`], pixels().kinds);
    assert.equal(await second.code, 4);
    session.abort(143);
    assert.equal(await session.code, 0);
    await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
