/** A viewer's connection that links as it should, and then does as it likes: a test says what. */
import { concat, encodeBytes } from "../../mod.ts";
import { Deframer, Framer } from "../../protocol/channel/framing.ts";
import { ClientLink, type ClientLinkOutput } from "../../protocol/link/client_link.ts";
import { MainInit } from "../../protocol/messages/main.ts";
import { decode } from "../../protocol/schema/decode.ts";
import type { Message } from "../../protocol/schema/message.ts";

/** A linked connection. Disposing hangs up. */
export interface RudeViewer extends AsyncDisposable {
  /** For a main channel, what other channels name; else 0. */
  readonly sessionId: number;
  /** Sends a message. */
  say<T>(message: Message<string, T>, value: T): Promise<void>;
  /** Sends bytes, all of them. */
  write(bytes: Uint8Array): Promise<void>;
}

/**
 * Links one channel without a password; a main channel waits for MAIN_INIT, and nothing is read after that.
 *
 * @param port On 127.0.0.1.
 * @param channelType Type of the channel.
 * @param channelId Number of the channel.
 * @param connectionId 0 for a main channel, else its `sessionId`.
 * @throws {ProtocolError} The server refuses.
 */
export async function linkRudely(
  port: number,
  channelType: number,
  channelId: number,
  connectionId: number,
): Promise<RudeViewer> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const write = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
  };
  const link = new ClientLink({ connectionId, channelType, channelId, commonCaps: [0, 1, 3], channelCaps: [] });
  const deframer = new Deframer("mini"), framer = new Framer("mini");
  let linked = false, sessionId = 0;
  const act = async (outputs: readonly ClientLinkOutput[]): Promise<void> => {
    for (const output of outputs) {
      if (output.do === "send") await write(concat(output.chunks));
      else if (output.do === "encrypt") {
        // Where no password is asked for, no ticket is wrong.
        await write(concat(link.ticket(new Uint8Array(128))));
        await act(link.receive(new Uint8Array(0)));
      } else {
        linked = true;
        deframer.push(output.rest);
      }
    }
  };
  try {
    await write(concat(link.start()));
    const buffer = new Uint8Array(4096);
    while (!linked || (channelType === 1 && sessionId === 0)) {
      const n = await connection.read(buffer);
      if (n === null) throw new Error("The server hung up");
      if (linked) deframer.push(buffer.slice(0, n));
      else await act(link.receive(buffer.slice(0, n)));
      for (let frame = deframer.next(); frame !== undefined; frame = deframer.next()) {
        if (frame.type === MainInit.id) sessionId = decode(MainInit.wire, frame.body).sessionId;
      }
    }
  } catch (error) {
    connection.close();
    throw error;
  }
  return {
    sessionId,
    write,
    say: (message, value) => write(concat(framer.frame(message.id, [encodeBytes(message.wire, value)]))),
    [Symbol.asyncDispose]: () => Promise.resolve(connection.close()),
  };
}
