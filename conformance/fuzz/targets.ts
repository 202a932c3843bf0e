/** All that is fuzzed. */
import type { Target } from "./target.ts";
import { agentStream, framing, subLists, usbredirStream } from "./targets/framing_targets.ts";
import { glz, zlibGlz } from "./targets/glz_targets.ts";
import { clientLink, serverLink } from "./targets/link_targets.ts";
import { messages } from "./targets/message_targets.ts";
import { bitmaps, jpeg, jpegAlpha, lz, lz4, quic } from "./targets/codec_targets.ts";
import { canvas, cursors } from "./targets/picture_targets.ts";
import { servers } from "./targets/server_target.ts";
import { sessions } from "./targets/session_target.ts";
import { uris, vvFiles } from "./targets/text_targets.ts";

/** Every target, the most important first. */
export const targets: readonly Target[] = [
  ...[messages, framing, subLists, clientLink, serverLink, sessions, servers],
  ...[
    agentStream,
    usbredirStream,
    lz,
    quic,
    glz,
    zlibGlz,
    lz4,
    jpeg,
    jpegAlpha,
    bitmaps,
    cursors,
    canvas,
    uris,
    vvFiles,
  ],
];
