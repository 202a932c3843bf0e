/** What tshark 4.0.17 is known to read wrong. An entry that does not show fails the check, as one that lacks does. */

/** One message that tshark reads wrong. */
export interface TsharkWeakness {
  /** Channel, sender, and name in our schema. */
  readonly message: string;
  /** Captures and live sessions in which it shows. */
  readonly sessions: readonly string[];
  /** All that is found on the messages of that name in each of these sessions. */
  readonly findings: readonly string[];
  /** After the message, tshark no longer knows where the next one of the sender begins. */
  readonly losesCount?: true;
  /** Why it is tshark that is wrong. */
  readonly reason: string;
}

/** Sessions of our own client; the other names are those of captures. */
export const LIVE_SESSIONS = ["mini headers", "full headers"] as const;

/** All of them. */
export const TSHARK_WEAKNESSES: readonly TsharkWeakness[] = [
  {
    message: "display client DISPLAY_PREFERRED_COMPRESSION",
    sessions: [
      "mini headers",
      "xspice-saffron",
      "libspice-bitmaps-le",
      "libspice-rop3-degenerate",
      "libspice-purespice",
    ],
    findings: [],
    losesCount: true,
    reason: "It names the message and leaves its byte unread.",
  },
  {
    message: "display client DISPLAY_PREFERRED_COMPRESSION",
    sessions: ["full headers", "libspice-full-headers"],
    findings: ["Unknown display client message - cannot dissect"],
    losesCount: true,
    reason: "It names the message and leaves its byte unread.",
  },
  {
    message: "inputs client INPUTS_KEY_SCANCODE",
    sessions: ["qemu-grub"],
    findings: [],
    losesCount: true,
    reason: "It leaves the scan codes unread.",
  },
  {
    message: "main client MAIN_AGENT_DATA",
    sessions: ["agent-and-port"],
    findings: ["read as several messages"],
    losesCount: true,
    reason: "It leaves the body of VD_AGENT_FILE_XFER messages and of later ones unread, and takes it for messages.",
  },
  {
    message: "main server MAIN_AGENT_CONNECTED",
    sessions: ["libspice-older-link"],
    findings: ["Unknown main server message - cannot dissect"],
    reason: "It names the message and complains of it.",
  },
  {
    message: "display server DISPLAY_DRAW_COPY",
    sessions: ["libspice-older-link", "libspice-older-cache"],
    findings: ["not fully dissected"],
    reason: "It leaves the list behind the message unread.",
  },
  {
    message: "inputs client INPUTS_KEY_SCANCODE",
    sessions: ["libspice-older-link"],
    findings: ["Unknown inputs client message - cannot dissect"],
    reason: "It leaves the scan codes unread.",
  },
  {
    message: "main server MAIN_AGENT_DATA",
    sessions: ["agent-and-port", "libspice-ports-and-agent", "libspice-older-link"],
    findings: ["not fully dissected"],
    reason: "It leaves the body of VD_AGENT_FILE_XFER_STATUS unread.",
  },
  {
    message: "main server MAIN_MIGRATE_BEGIN_SEAMLESS",
    sessions: ["migration-seamless-source"],
    findings: ["malformed"],
    reason: "It reads the offset of the host name as a size of text.",
  },
  {
    message: "main server MIGRATE",
    sessions: ["migration-seamless-source"],
    findings: [],
    losesCount: true,
    reason: "It leaves the flags unread.",
  },
  {
    message: "inputs server MIGRATE",
    sessions: ["migration-seamless-source"],
    findings: [],
    losesCount: true,
    reason: "It leaves the flags unread.",
  },
  {
    message: "display server MIGRATE",
    sessions: ["migration-seamless-source"],
    findings: [],
    losesCount: true,
    reason: "It leaves the flags unread.",
  },
  {
    message: "main client MAIN_MIGRATE_DST_DO_SEAMLESS",
    sessions: ["migration-seamless-target"],
    findings: [],
    losesCount: true,
    reason: "It leaves the version unread.",
  },
  {
    message: "main client MIGRATE_DATA",
    sessions: ["migration-seamless-target"],
    findings: [],
    losesCount: true,
    reason: "It leaves the data unread.",
  },
  {
    message: "inputs client MIGRATE_DATA",
    sessions: ["migration-seamless-target"],
    findings: [],
    losesCount: true,
    reason: "It leaves the data unread.",
  },
  {
    message: "display client MIGRATE_DATA",
    sessions: ["migration-seamless-target"],
    findings: [],
    losesCount: true,
    reason: "It leaves the data unread.",
  },
  {
    message: "display server DISPLAY_INVAL_ALL_PIXMAPS",
    sessions: ["migration-seamless-target"],
    findings: ["not fully dissected"],
    reason: "It leaves the list of channels to wait for unread.",
  },
  {
    message: "display server LIST",
    sessions: ["libspice-heads"],
    findings: ["read as several messages"],
    losesCount: true,
    reason: "It takes the sub-messages for messages of their own.",
  },
  {
    message: "cursor server CURSOR_SET",
    sessions: ["cursor-server-mouse", "libspice-cursors", "libspice-full-headers"],
    findings: ["not fully dissected"],
    reason: "It reads the pixels of ALPHA and MONO cursors only.",
  },
  {
    message: "display server DISPLAY_DRAW_COPY",
    sessions: ["image-and-palette-cache"],
    findings: ["malformed", "not fully dissected"],
    reason: "It leaves palettes unread, and looks for one in an LZ_PLT image with PAL_FROM_CACHE.",
  },
  {
    message: "display server DISPLAY_DRAW_COPY",
    sessions: ["ops-off"],
    findings: ["malformed", "not fully dissected"],
    reason: "It leaves palettes unread, and misses the image that stands before the bitmap of a mask.",
  },
  {
    message: "display server DISPLAY_DRAW_COPY",
    sessions: ["ops-auto-glz"],
    findings: ["dissector bug", "not fully dissected"],
    reason: "It leaves palettes unread, and misses the image that stands before the bitmap of a mask.",
  },
  {
    message: "display server DISPLAY_DRAW_FILL",
    sessions: ["ops-off", "ops-auto-glz"],
    findings: ["not fully dissected"],
    reason: "It leaves the bitmap of a mask unread.",
  },
  {
    message: "display server DISPLAY_DRAW_WHITENESS",
    sessions: ["ops-off", "ops-auto-glz", "libspice-masks"],
    findings: ["not fully dissected"],
    reason: "It leaves the bitmap of a mask unread.",
  },
  {
    message: "display server DISPLAY_DRAW_OPAQUE",
    sessions: ["ops-off", "ops-auto-glz", "libspice-clips", "libspice-masks", "libspice-ropds"],
    findings: ["not fully dissected"],
    reason: "It reads nothing but the header.",
  },
  {
    message: "display server DISPLAY_DRAW_ROP3",
    sessions: ["ops-off", "ops-auto-glz", "libspice-rop3", "libspice-rop3-degenerate"],
    findings: ["not fully dissected"],
    reason: "It leaves the image of the brush unread.",
  },
  {
    message: "display server DISPLAY_DRAW_STROKE",
    sessions: ["ops-off", "ops-auto-glz", "surfaces", "libspice-strokes"],
    findings: ["not fully dissected"],
    reason: "It reads nothing after the base.",
  },
  {
    message: "display server DISPLAY_DRAW_TEXT",
    sessions: ["ops-off", "ops-auto-glz", "surfaces", "libspice-text"],
    findings: ["not fully dissected"],
    reason: "It looks for the string behind the brush, where the second brush is.",
  },
  {
    message: "display server DISPLAY_DRAW_COMPOSITE",
    sessions: ["ops-off", "ops-auto-glz", "surfaces", "libspice-composite", "libspice-surfaces"],
    findings: ["not fully dissected"],
    reason: "It reads nothing but the header.",
  },
  {
    message: "main client MAIN_AGENT_DATA",
    sessions: ["libspice-ports-and-agent", "libspice-older-link"],
    findings: [],
    losesCount: true,
    reason: "It leaves the body of later messages of the agent unread, and takes it for messages.",
  },
  {
    message: "display server DISPLAY_DRAW_COPY",
    sessions: ["libspice-bitmaps", "libspice-bitmaps-le"],
    findings: ["not fully dissected"],
    reason: "It leaves palettes unread.",
  },
  {
    message: "display server DISPLAY_DRAW_COPY",
    sessions: ["libspice-bitmaps-glz", "libspice-bitmaps-zlib-glz"],
    findings: ["malformed", "not fully dissected"],
    reason: "It leaves palettes unread, and looks for one in an LZ_PLT image with PAL_FROM_CACHE.",
  },
  {
    message: "display server DISPLAY_DRAW_COPY",
    sessions: ["libspice-bitmaps-lz4"],
    findings: ["Unknown image type - cannot dissect", "malformed", "not fully dissected"],
    reason: "It does not know LZ4, leaves palettes unread, and looks for one in an LZ_PLT image with PAL_FROM_CACHE.",
  },
  {
    message: "display server DISPLAY_DRAW_COPY",
    sessions: ["libspice-masks"],
    findings: ["malformed"],
    reason: "It misses the image that stands before the bitmap of a mask.",
  },
  {
    message: "display server DISPLAY_DRAW_BLEND",
    sessions: ["libspice-masks"],
    findings: ["malformed"],
    reason: "It misses the image that stands before the bitmap of a mask.",
  },
  {
    message: "display server DISPLAY_DRAW_ROP3",
    sessions: ["libspice-masks"],
    findings: ["malformed"],
    reason: "It misses the image that stands before the bitmap of a mask.",
  },
  {
    message: "display server DISPLAY_DRAW_BLACKNESS",
    sessions: ["libspice-masks"],
    findings: ["not fully dissected"],
    reason: "It leaves the bitmap of a mask unread.",
  },
  {
    message: "display server DISPLAY_DRAW_INVERS",
    sessions: ["libspice-masks"],
    findings: ["not fully dissected"],
    reason: "It leaves the bitmap of a mask unread.",
  },
  {
    message: "display server DISPLAY_DRAW_FILL",
    sessions: ["libspice-masks", "libspice-fills", "libspice-full-headers", "libspice-resize"],
    findings: ["malformed", "not fully dissected"],
    reason: "It leaves the bitmap of a mask and the image of a brush unread, or reads the one for the other.",
  },
  {
    message: "display server DISPLAY_STREAM_DATA_SIZED",
    sessions: ["libspice-stream-sized"],
    findings: ["not fully dissected"],
    reason: "It leaves the frame unread.",
  },
  {
    message: "main server MAIN_MIGRATE_SWITCH_HOST",
    sessions: ["libspice-switch-host"],
    findings: ["malformed"],
    reason: "It reads the offset of the host name as a size of text.",
  },
];
