import assert from "node:assert/strict";
import { ServerLink } from "../../protocol/link/server_link.ts";
import { LinkErr } from "../../protocol/messages/enums.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { letsIn } from "./kept_server.ts";
import { makeTicketKey, type TicketKey } from "./ticket_cipher.ts";

const key = await makeTicketKey();

Deno.test("letsIn() is true for the right ticket alone: one that is refused is an answer, and lets nobody in", async () => {
  using server = serve({ password: "sesame", key });
  assert.equal(await letsIn({ address: server.address, password: "sesame" }), true);
  assert.equal(await letsIn({ address: server.address, password: "wrong" }), false);
  assert.equal(await letsIn({ address: server.address, password: null }), false);
});

Deno.test("letsIn() is false for a server that refuses the link, hangs up, or is not there", async () => {
  using refusing = serve({ password: "", key, refuse: LinkErr.NEED_SECURED });
  assert.equal(await letsIn({ address: refusing.address, password: null }), false);
  using leaving = serve(null);
  assert.equal(await letsIn({ address: leaving.address, password: null }), false);
  const { address } = leaving;
  leaving[Symbol.dispose]();
  assert.equal(await letsIn({ address, password: null }), false);
});

/** How a server takes links. */
interface Door {
  readonly password: string;
  readonly key: TicketKey;
  /** Refuses every link with this error. */
  readonly refuse?: number;
}

/** A server that links, and says nothing more; without a door it hangs up at once. */
function serve(door: Door | null) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let open = true;
  (async () => {
    for await (const connection of listener) {
      if (door === null) connection.close();
      else answer(connection, door).finally(() => connection.close());
    }
  })();
  return {
    address: { kind: "tcp", host: "127.0.0.1", port: (listener.addr as Deno.NetAddr).port } as const,
    [Symbol.dispose]: () => {
      if (open) listener.close();
      open = false;
    },
  };
}

async function answer(connection: Deno.TcpConn, { password, key, refuse }: Door): Promise<void> {
  const link = new ServerLink(), buffer = new Uint8Array(4096);
  const send = async (chunks: readonly Uint8Array[]) => {
    for (const bytes of chunks) for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
  };
  try {
    for (let size; (size = await connection.read(buffer)) !== null;) {
      if (link.state === "linked") continue;
      const outputs = link.receive(buffer.subarray(0, size));
      for (const output of outputs) {
        if (output.do === "offer") outputs.push(...link.offer(refuse === undefined ? CAPS : { refuse }));
        if (output.do === "make-key") outputs.push(...link.key(key.publicKey));
        if (output.do === "check") outputs.push(...link.verdict(await key.decrypt(output.encrypted) === password));
        if (output.do === "send") await send(output.chunks);
      }
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    await send(link.answerTo(error));
  }
}

const CAPS = { commonCaps: [], channelCaps: [] } as const;
