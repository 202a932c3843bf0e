/** A client that says what no real one says, to hear what a real server answers. */
import { type LinkCaps, SpiceLinkHeader, SpiceLinkMess, SpiceLinkReply } from "../../protocol/messages/link.ts";
import { SPICE_MAGIC, SPICE_VERSION_MAJOR, SPICE_VERSION_MINOR } from "../../protocol/messages/link.ts";
import { wordsOfCaps } from "../../protocol/capabilities.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { concat, encodeBytes } from "../../protocol/schema/encode.ts";
import { parseUri } from "../../protocol/uri.ts";
import { encryptPassword } from "../suite/ticket_cipher.ts";

/** One connection, driven by hand. */
export interface ScriptedLink {
  send(...chunks: readonly Uint8Array[]): Promise<void>;
  /** Bytes that the server says, so many; fewer when it closes the connection. */
  read(length: number): Promise<Uint8Array>;
  /** All that it says until it closes the connection. */
  end(): Promise<Uint8Array>;
  close(): void;
}

/** Parts of a link message; what is left out is as of a sound client that wants a new session. */
export interface ScriptedMess {
  readonly magic?: number;
  readonly majorVersion?: number;
  /** In the link header. Default: the size of what follows. */
  readonly size?: number;
  readonly connectionId?: number;
  readonly channelType?: number;
  readonly channelId?: number;
  readonly common?: readonly number[];
  /** Bytes behind the link header; what else is told of them does not count then. */
  readonly body?: Uint8Array;
}

/**
 * Connects.
 *
 * @param uri `spice://127.0.0.1:PORT` or `spice+unix:///PATH`.
 */
export async function openScripted(uri: string): Promise<ScriptedLink> {
  const { unixPath, host, port } = parseUri(uri);
  const conn = unixPath === undefined
    ? await Deno.connect({ hostname: host ?? "127.0.0.1", port: port! })
    : await Deno.connect({ transport: "unix", path: unixPath });
  const read = async (length: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(length);
    let got = 0;
    // A server that closes with our bytes unread resets the connection: the same as an end here.
    for (let n: number | null; got < length && (n = await conn.read(bytes.subarray(got)).catch(() => null)) !== null;) {
      got += n;
    }
    return bytes.subarray(0, got);
  };
  return {
    send: async (...chunks) => {
      const all = concat(chunks);
      for (let sent = 0; sent < all.length;) sent += await conn.write(all.subarray(sent));
    },
    read,
    end: () => read(1 << 16),
    close: () => conn.close(),
  };
}

/** @returns A link header and what follows it. */
export function linkMessage(of: ScriptedMess = {}): Uint8Array {
  const caps: LinkCaps = { common: wordsOfCaps(of.common ?? []), channel: [] };
  const { connectionId = 0, channelType = 1, channelId = 0 } = of;
  const body = of.body ?? encodeBytes(SpiceLinkMess, { connectionId, channelType, channelId, caps });
  const { magic = SPICE_MAGIC, majorVersion = SPICE_VERSION_MAJOR, size = body.length } = of;
  return concat([
    encodeBytes(SpiceLinkHeader, { magic, majorVersion, minorVersion: SPICE_VERSION_MINOR, size }),
    body,
  ]);
}

/** Reads the server's reply. */
export async function readReply(link: ScriptedLink): Promise<SpiceLinkReply> {
  const { size } = decode(SpiceLinkHeader, await link.read(SpiceLinkHeader.min));
  return decode(SpiceLinkReply, await link.read(size));
}

/** @returns The ticket for a reply. */
export async function ticketFor({ pubKey }: SpiceLinkReply, password: string): Promise<Uint8Array> {
  const ticket = await encryptPassword(pubKey, password);
  if (ticket === null) throw new Error("Cannot encrypt the password: the server's reply has no RSA key");
  return ticket;
}
