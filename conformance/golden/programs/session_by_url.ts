/**
 * What a program does with the library alone: a server of three dozen lines, a session with it, a picture, and a server
 * that is not there. `mod_url_test.ts` runs a copy of it that imports `mod.ts` by URL, from an empty folder.
 */
import assert from "node:assert/strict";
import {
  type Channel,
  channelByType,
  channels,
  CommonCap,
  concat,
  connect,
  decode,
  encode,
  encodeBytes,
  Framer,
  type Message,
  type MessageOf,
  ProtocolError,
  ServerLink,
  type ServerLinkOutput,
  SurfaceFlags,
  SurfaceFmt,
} from "../../../mod.ts";

const PASSWORD = "right";
const WIDTH = 64, HEIGHT = 48, RED = 0xcc3300;

/** What the server says on each channel once it is linked. */
const SCRIPTS: Readonly<Record<string, readonly Uint8Array[]>> = {
  main: script(channels.main.server, [
    {
      name: "MAIN_INIT",
      value: {
        sessionId: 7,
        displayChannelsHint: 1,
        supportedMouseModes: 1,
        currentMouseMode: 1,
        agentConnected: 0,
        agentTokens: 0,
        multiMediaTime: 0,
        ramHint: 0,
      },
    },
    { name: "MAIN_CHANNELS_LIST", value: { channels: [{ type: channels.display.type, id: 0 }] } },
  ]),
  display: script(channels.display.server, [
    {
      name: "DISPLAY_SURFACE_CREATE",
      value: {
        surfaceId: 0,
        width: WIDTH,
        height: HEIGHT,
        format: SurfaceFmt["32_xRGB"],
        flags: SurfaceFlags.PRIMARY,
      },
    },
    {
      name: "DISPLAY_DRAW_FILL",
      value: {
        base: {
          surfaceId: 0,
          box: { left: 0, top: 0, right: WIDTH, bottom: HEIGHT },
          clip: { shape: { is: "NONE", value: null } },
        },
        data: {
          brush: { paint: { is: "SOLID", value: RED } },
          ropDescriptor: 8,
          mask: { flags: 0, pos: { x: 0, y: 0 }, bitmap: null },
        },
      },
    },
    { name: "DISPLAY_MARK", value: {} },
  ]),
};

function script<M extends readonly Message[]>(messages: M, said: readonly MessageOf<M>[]): Uint8Array[] {
  const framer = new Framer("mini");
  return said.flatMap(({ name, value }) => {
    const declaration = messages.find((message) => message.name === name)!;
    const body = encodeBytes(declaration.wire, value);
    assert.deepEqual(decode(declaration.wire, body, { exact: true }), value);
    return framer.frame(declaration.id, encode(declaration.wire, value));
  });
}

async function serve(conn: Deno.Conn): Promise<void> {
  const link = new ServerLink();
  const algorithm = { name: "RSA-OAEP", modulusLength: 1024, publicExponent: Uint8Array.of(1, 0, 1), hash: "SHA-1" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["encrypt", "decrypt"]);
  let channel: Channel | undefined;
  const act = async (output: ServerLinkOutput): Promise<readonly ServerLinkOutput[]> => {
    switch (output.do) {
      case "send":
        await writeAll(conn, concat(output.chunks));
        return [];
      case "offer":
        channel = channelByType(output.request.channelType);
        return link.offer({
          commonCaps: [CommonCap.PROTOCOL_AUTH_SELECTION, CommonCap.AUTH_SPICE, CommonCap.MINI_HEADER],
          channelCaps: [],
        });
      case "make-key":
        return link.key(new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey)));
      case "check": {
        const sent = await crypto.subtle.decrypt(algorithm, keys.privateKey, Uint8Array.from(output.encrypted));
        return link.verdict(new TextDecoder().decode(sent) === `${PASSWORD}\0`);
      }
      case "linked":
        await writeAll(conn, concat(SCRIPTS[channel!.name]!));
        return [];
    }
  };
  const buffer = new Uint8Array(4096);
  let linked = false;
  for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) {
    // What the client says after the link does not matter here.
    const outputs: ServerLinkOutput[] = linked ? [] : [...link.receive(buffer.slice(0, n))];
    for (let output = outputs.shift(); output !== undefined; output = outputs.shift()) {
      linked ||= output.do === "linked";
      outputs.push(...await act(output));
    }
  }
  conn.close();
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const uri = `spice://127.0.0.1:${listener.addr.port}`;
const serving = (async () => {
  const served: Promise<void>[] = [];
  for await (const conn of listener) served.push(serve(conn));
  await Promise.all(served);
})();

{
  await using session = await connect(uri, { password: PASSWORD });
  const { width, height, rgba } = await session.screen.screenshot({ quietMs: 0 });
  assert.deepEqual([width, height], [WIDTH, HEIGHT]);
  for (let i = 0; i < rgba.length; i += 4) assert.deepEqual([...rgba.subarray(i, i + 4)], [0xcc, 0x33, 0x00, 255]);
  assert.equal(session.init?.sessionId, 7);
}
listener.close();
await serving;

await assert.rejects(connect(uri), (error) => error instanceof ProtocolError && error.code === "unreachable");
console.log("a session, a picture, and a server that is not there");
