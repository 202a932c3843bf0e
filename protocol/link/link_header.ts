/** The 16 bytes with which both sides begin, and their checks, which are the same for both. */
import { ProtocolError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { LinkErr } from "../messages/enums.ts";
import {
  LINK_HEADER_BYTES,
  SPICE_MAGIC,
  SPICE_VERSION_MAJOR,
  SPICE_VERSION_MINOR,
  SpiceLinkHeader,
} from "../messages/link.ts";
import { decode } from "../schema/decode.ts";
import { encodeBytes } from "../schema/encode.ts";
import type { ByteQueue } from "./byte_queue.ts";
import { nameStranger } from "./stranger.ts";

/** @returns `body` behind a link header. */
export function withLinkHeader(body: Uint8Array): Uint8Array[] {
  const header = encodeBytes(SpiceLinkHeader, {
    magic: SPICE_MAGIC,
    majorVersion: SPICE_VERSION_MAJOR,
    minorVersion: SPICE_VERSION_MINOR,
    size: body.length,
  });
  return [header, body];
}

/**
 * Takes a link header as soon as it is there; a wrong magic is noticed from its first byte on.
 * @param least Fewest bytes that must follow.
 * @returns Bytes that follow, or `null` when more bytes are needed.
 * @throws {ProtocolError} `bad-magic`, `bad-version`, `too-large`, `truncated`, each with the `link_err` to answer.
 * Source: spice-server reds.cpp reds_handle_read_magic_done, reds_handle_read_header_done.
 */
export function takeLinkHeader(queue: ByteQueue, least: number, limits: Limits): number | null {
  const first = queue.peek(4);
  for (let i = 0; i < first.length; i++) {
    if (first[i] !== ((SPICE_MAGIC >>> (8 * i)) & 0xff)) {
      const said = queue.peek(16), stranger = nameStranger(said);
      const detail = `${quote(said)} is not REDQ${stranger === null ? "" : `: the peer speaks ${stranger}`}`;
      throw linkHeaderError("bad-magic", "magic", 0, detail, LinkErr.INVALID_MAGIC);
    }
  }
  const bytes = queue.take(LINK_HEADER_BYTES);
  if (bytes === null) return null;
  const { majorVersion, minorVersion, size } = decode(SpiceLinkHeader, bytes);
  if (majorVersion !== SPICE_VERSION_MAJOR) {
    const detail = `version ${majorVersion}.${minorVersion}, need ${SPICE_VERSION_MAJOR}.x`;
    throw linkHeaderError("bad-version", "majorVersion", 4, detail, LinkErr.VERSION_MISMATCH);
  }
  if (size > limits.linkBytes) {
    const detail = `${size} bytes, at most ${limits.linkBytes} allowed`;
    throw linkHeaderError("too-large", "size", 12, detail, LinkErr.INVALID_DATA);
  }
  if (size < least) {
    throw linkHeaderError("truncated", "size", 12, `${size} bytes, at least ${least} needed`, LinkErr.INVALID_DATA);
  }
  return size;
}

function linkHeaderError(
  code: "bad-magic" | "bad-version" | "too-large" | "truncated",
  path: string,
  offset: number,
  detail: string,
  linkError: number,
): ProtocolError {
  return new ProtocolError({ code, action: "link", message: "SpiceLinkHeader", path, offset, detail, linkError });
}

/** What a stranger said first, for people: printable ASCII as it is, the rest in hexadecimal. */
function quote(bytes: Uint8Array): string {
  const shown = [...bytes].map((byte) => {
    if (byte < 0x20 || byte > 0x7e) return `\\x${byte.toString(16).padStart(2, "0")}`;
    const char = String.fromCharCode(byte);
    return char === '"' || char === "\\" ? `\\${char}` : char;
  });
  return `"${shown.join("")}"`;
}
