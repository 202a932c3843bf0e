/** Where our declarations differ from the reference on purpose, with the reason. */
import type { Allowed } from "../protocol/schema/difference.ts";

/** Against `spice.proto`. */
export const SPEC_DEVIATIONS: readonly Allowed[] = [
  {
    kind: "field",
    at: "* server NOTIFY terminator",
    reason: "the reference server sends a NUL behind the text that message_len does not count " +
      "(spice-server main-channel-client.cpp main_channel_marshall_notify)",
  },
  {
    kind: "null",
    at: "display server DISPLAY_DRAW_STROKE data.attr.styled<STYLED>.styled.style",
    reason: "a styled line without its style cannot be drawn; an unstyled one lacks the flag",
  },
  {
    kind: "null",
    at: "display server DISPLAY_DRAW_COMPOSITE data.maskBitmap<HAS_MASK>.maskBitmap",
    reason: "HAS_MASK says that a mask is there; a null one would decode to the same value as no flag",
  },
];

/** Against `spice/enums.h`. */
export const HEADER_DEVIATIONS: readonly Allowed[] = [
  {
    kind: "member",
    at: "SPICE_MSGC_SMARTCARD_*",
    reason: "HEADER, ERROR, ATR and READER_ADD share id 101 with DATA and are commented out in spice.proto: " +
      "the message type inside DATA tells them apart",
  },
];
