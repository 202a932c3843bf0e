/**
 * The handshake of RFB 3.3, 3.7 and 3.8, from ProtocolVersion to ServerInit.
 *
 * Source: rfbproto (the community's RFB specification), "Handshake Messages" and "Initialisation Messages".
 */
import { RfbError, type RfbErrorCode } from "./rfb_error.ts";
import { checkPictureSize, type RfbLimits } from "./rfb_limits.ts";
import type { TellRfb } from "./rfb_output.ts";
import type { Reading } from "./rfb_reader.ts";
import { viewOf } from "./view_of.ts";

/** How the handshake is led. */
export interface RfbHandshakeOptions {
  /** Whether a password can be given. */
  readonly hasPassword: boolean;
  readonly limits: RfbLimits;
}

/** What the handshake ends with. */
export interface RfbServerInit {
  /** The server's name, cut at the limit. */
  readonly name: string;
  /** Columns of its picture; 0 when it has none yet. */
  readonly width: number;
  /** Rows of its picture. */
  readonly height: number;
}

/** What the specification knows: other numbers are taken for the one below. */
type Minor = 3 | 7 | 8;

/** Security types. */
const NONE = 1, VNC_AUTHENTICATION = 2;

/**
 * Reads and answers the handshake.
 *
 * @param tell Is told what to send, and the challenge.
 * @throws {RfbError} `bad-version`, `refused`, `unsupported`, `password-needed`, `password-wrong`, `too-large`.
 */
export function* rfbHandshake(options: RfbHandshakeOptions, tell: TellRfb): Reading<RfbServerInit> {
  const send = (bytes: Uint8Array) => tell({ do: "send", bytes });
  const minor = versionOf(yield { take: 12 });
  send(new TextEncoder().encode(`RFB 003.00${minor}\n`));

  const types = minor === 3 ? yield* readSecurityType(options.limits) : yield* readSecurityTypes(options.limits);
  const type = types.includes(NONE) ? NONE : types.includes(VNC_AUTHENTICATION) ? VNC_AUTHENTICATION : null;
  if (type === null) throw new RfbError("unsupported", `it offers security types ${types.join(", ")}, not 1 or 2`);
  if (type !== NONE && !options.hasPassword) throw new RfbError("password-needed", "it asks for a password");
  if (minor !== 3) send(Uint8Array.of(type));
  if (type === VNC_AUTHENTICATION) {
    tell({ do: "challenge", challenge: (yield { take: 16 }).slice() });
    send(yield { answer: true });
  }
  if (type === VNC_AUTHENTICATION || minor === 8) yield* readSecurityResult(minor, options.limits);

  // Shared: other viewers of the same server stay.
  send(Uint8Array.of(1));
  return yield* readServerInit(options.limits);
}

function versionOf(bytes: Uint8Array): Minor {
  const text = String.fromCharCode(...bytes), found = /^RFB (\d{3})\.(\d{3})\n$/.exec(text);
  if (found === null) throw new RfbError("bad-version", "it does not begin as a VNC server does");
  const major = Number(found[1]), minor = Number(found[2]);
  if (major < 3) throw new RfbError("bad-version", `RFB ${major}.${minor} is older than 3.3`);
  // Newer and odd numbers are taken as the newest and the oldest that the specification has.
  return major > 3 || minor >= 8 ? 8 : minor === 7 ? 7 : 3;
}

/** The one that a server of version 3.3 has chosen. */
function* readSecurityType(limits: RfbLimits): Reading<readonly number[]> {
  const type = viewOf(yield { take: 4 }).getUint32(0);
  return type === 0 ? yield* readReason("refused", limits) : [type];
}

function* readSecurityTypes(limits: RfbLimits): Reading<readonly number[]> {
  const count = (yield { take: 1 })[0]!;
  return count === 0 ? yield* readReason("refused", limits) : [...yield { take: count }];
}

function* readSecurityResult(minor: Minor, limits: RfbLimits): Reading<void> {
  const result = viewOf(yield { take: 4 }).getUint32(0);
  if (result === 0) return;
  if (minor === 8) yield* readReason("password-wrong", limits);
  throw new RfbError("password-wrong", result === 2 ? "too many tries" : "it does not take the password");
}

/** Why the server ends the handshake. */
function* readReason(code: RfbErrorCode, limits: RfbLimits): Reading<never> {
  const length = Math.min(viewOf(yield { take: 4 }).getUint32(0), limits.maxTextBytes);
  const text = decodeText(yield { take: length });
  throw new RfbError(code, text === "" ? "it gives no reason" : text);
}

function* readServerInit(limits: RfbLimits): Reading<RfbServerInit> {
  const view = viewOf(yield { take: 24 });
  const width = view.getUint16(0), height = view.getUint16(2), length = view.getUint32(20);
  checkPictureSize(width, height, limits);
  const name = decodeText(yield { take: Math.min(length, limits.maxTextBytes) });
  yield { skip: Math.max(0, length - limits.maxTextBytes) };
  return { name, width, height };
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
