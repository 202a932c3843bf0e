/** Links that real servers turned down: our client hears why, and our server turns down what theirs did. */
import assert from "node:assert/strict";
import { ProtocolError } from "../../protocol/errors.ts";
import { ClientLink } from "../../protocol/link/client_link.ts";
import { ServerLink } from "../../protocol/link/server_link.ts";
import { LinkErr } from "../../protocol/messages/enums.ts";
import { AuthMechanism } from "../../protocol/messages/link.ts";
import { type CapturedHandshake, captureNames, readCapture } from "../capture.ts";

const STEPS = [1, 7, 1 << 20];

/** What a link message is refused for before anything is asked of the machine. */
const AT_ONCE: readonly number[] = [LinkErr.INVALID_MAGIC, LinkErr.VERSION_MISMATCH, LinkErr.INVALID_DATA];

for (const name of captureNames()) {
  const { handshakes } = readCapture(name);
  if (handshakes.length === 0) continue;
  Deno.test(`${name}: the client hears how each link ended, in any split`, () => {
    for (const handshake of handshakes) {
      for (const step of STEPS) {
        const error = clientError(handshake, step);
        assert.deepEqual(
          [error.code, error.linkError],
          expectedError(handshake),
          `${handshake.name}: ${error.message}`,
        );
      }
    }
  });

  Deno.test(`${name}: the server turns down the link messages that theirs did not take, in any split`, () => {
    for (const { name: number, link, streams } of handshakes) {
      const { reply } = link;
      if (reply === null || !AT_ONCE.includes(reply.error)) continue;
      for (const step of STEPS) assert.equal(serverError(streams.client, step)?.linkError, reply.error, number);
    }
  });
}

/** Code and link_err of the error that our client ends with. */
function expectedError({ link }: CapturedHandshake): [code: string, linkError: number | null] {
  if (link.authMechanism === AuthMechanism.SASL) return ["unsupported", null];
  if (link.end === "unfinished") return ["closed", null];
  return ["link-refused", link.error!];
}

function clientError({ link, streams }: CapturedHandshake, step: number): ProtocolError {
  const client = new ClientLink({
    connectionId: link.mess?.connectionId ?? 0,
    channelType: link.mess?.channelType ?? 1,
    channelId: link.mess?.channelId ?? 0,
    commonCaps: [0, 1, 3],
    channelCaps: [],
  });
  client.start();
  try {
    for (let at = 0; at < streams.server.length; at += step) {
      for (const output of client.receive(streams.server.subarray(at, at + step))) {
        if (output.do !== "encrypt") continue;
        client.ticket(new Uint8Array(128));
        client.receive(new Uint8Array());
      }
    }
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  return client.end();
}

function serverError(bytes: Uint8Array, step: number): ProtocolError | null {
  const server = new ServerLink();
  try {
    for (let at = 0; at < bytes.length; at += step) server.receive(bytes.subarray(at, at + step));
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  return null;
}
