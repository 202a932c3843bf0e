/** The areas of the ledger, and which address belongs to which. */
import { fits } from "../suite/glob.ts";

/** One area. */
export interface Area {
  readonly name: string;
  /** For people. */
  readonly about: string;
  /** Whether no session can do without it: core areas are meant to be covered whole. */
  readonly core: boolean;
}

/** All areas, in the order of the table. */
export const AREAS: readonly Area[] = [
  core("link", "link message and reply, every link error"),
  core("auth", "choice of a mechanism, tickets, SASL, the result"),
  core("headers", "both data headers, serials, sub-message lists"),
  core("capabilities", "every bit of every set, announced by either side"),
  core("base", "what every channel has: ACK, ping, waiting for channels, notifications"),
  core("main", "init, channels, mouse modes, agent tokens, name, uuid, time"),
  core("inputs", "keys, buttons, motion, lock keys"),
  core("cursor", "cursor messages, shapes of every type, the cursor cache"),
  core("display/basic", "surfaces, mark, copy_bits, fill, copy, bitmaps and LZ_RGB, caches, monitors"),
  more("display/draw", "masks, patterns and the other drawing operations"),
  more("codecs", "images that are compressed otherwise"),
  more("streams", "video streams, their reports and codecs"),
  more("gl", "scanouts of the graphics card"),
  more("sound", "playback and record"),
  more("agent", "the guest agent's messages"),
  more("devices", "usbredir, smartcard, port and webdav channels"),
  more("migration", "begin, cancel, seamless and not, switching hosts, the state handed over"),
];

/** Images that need no codec beside LZ. */
const PLAIN_IMAGES = ["BITMAP", "LZ_RGB", "SURFACE", "FROM_CACHE", "FROM_CACHE_LOSSLESS"];

/** Messages that every channel has and that are not about migration. */
const BASE_MESSAGES = [
  ...["SET_ACK", "PING", "WAIT_FOR_CHANNELS", "DISCONNECTING", "NOTIFY", "LIST"],
  ...["ACK_SYNC", "ACK", "PONG"],
];

const COPY = "display/server/DISPLAY_DRAW_COPY", FILL = "display/server/DISPLAY_DRAW_FILL";

/** Patterns of addresses and the area of each; they take what lies behind a slash too. The first that fits decides. */
const RULES: readonly (readonly [area: string, globs: readonly string[]])[] = [
  ["migration", ["migration", "migrate-data", "*/*/MIGRATE*", "main/*/MAIN_MIGRATE*"]],
  ["auth", [
    "link/client/SpiceLinkAuthMechanism",
    "link/client/SpiceLinkEncryptedTicket",
    "link/server/SpiceLinkResult",
    "link/*/Sasl*",
    "link/auth-selection=*",
  ]],
  ["link", ["link"]],
  ["headers", ["headers", "lists"]],
  ["capabilities", ["caps"]],
  ["base", ["base", ...combine(["main", "inputs", "cursor", "display"], BASE_MESSAGES)]],
  ["main", ["main"]],
  ["inputs", ["inputs"]],
  ["cursor", ["cursor", "cursor-shape", "cache/cursor"]],
  ["streams", ["display/*/DISPLAY_STREAM_*", "display/client/DISPLAY_PREFERRED_VIDEO_CODEC_TYPE"]],
  ["gl", ["display/*/DISPLAY_GL_*"]],
  ["display/draw", [
    `${COPY}/data.mask*`,
    `${FILL}/data.mask*`,
    `${FILL}/data.brush.paint=PATTERN`,
    `${FILL}/data.brush.paint<PATTERN>*`,
  ]],
  ["display/basic", PLAIN_IMAGES.flatMap((type) => [`image/${type}`, `${COPY}/data.srcBitmap.body=${type}`])],
  ["codecs", ["image", `${COPY}/data.srcBitmap.body=*`, "display/client/DISPLAY_PREFERRED_COMPRESSION"]],
  ["display/basic", [COPY, FILL, "cache", "monitors/server"]],
  ["display/draw", ["display/server/DISPLAY_DRAW_*"]],
  ["display/basic", ["display"]],
  ["sound", ["playback", "record"]],
  ["agent", ["agent", "monitors/client"]],
  ["devices", ["usbredir", "usbredir-packet", "smartcard", "vscard", "port", "webdav"]],
];

/**
 * The area of an address.
 *
 * @throws {RangeError} No area has it.
 */
export function areaOf(address: string): Area {
  const [name] = RULES.find(([, globs]) => globs.some((glob) => fits(address, glob))) ?? [];
  const area = AREAS.find((area) => area.name === name);
  if (area === undefined) throw new RangeError(`No area of the ledger has ${address}`);
  return area;
}

function core(name: string, about: string): Area {
  return { name, about, core: true };
}

function more(name: string, about: string): Area {
  return { name, about, core: false };
}

function combine(channels: readonly string[], messages: readonly string[]): string[] {
  return channels.flatMap((channel) => messages.map((message) => `${channel}/*/${message}`));
}
