/** Every case there is, in the order of the report. */
import { ack } from "../cases/base/ack.ts";
import { list } from "../cases/base/list.ts";
import { notify } from "../cases/base/notify.ts";
import { ping } from "../cases/base/ping.ts";
import { unknown } from "../cases/base/unknown.ts";
import { wait } from "../cases/base/wait.ts";
import { common } from "../cases/capabilities/common.ts";
import { display } from "../cases/capabilities/display.ts";
import { main } from "../cases/capabilities/main.ts";
import { others } from "../cases/capabilities/others.ts";
import { glz, glzFaults } from "../cases/codec/glz.ts";
import { jpeg, jpegFaults } from "../cases/codec/jpeg.ts";
import { lzCodec } from "../cases/codec/lz.ts";
import { lz4, lz4Faults } from "../cases/codec/lz4.ts";
import { quic, quicFaults } from "../cases/codec/quic.ts";
import { codecServer } from "../cases/codec/server.ts";
import { cursorCache, cursorFaults, cursorState, cursorTypes } from "../cases/cursor/client.ts";
import { cursorServer } from "../cases/cursor/server.ts";
import { bitmap, bitmapFaults } from "../cases/display/bitmap.ts";
import { imageCache, paletteCache } from "../cases/display/caches.ts";
import { copyBits } from "../cases/display/copy_bits.ts";
import { fill, rops } from "../cases/display/fill.ts";
import { lz, lzFaults } from "../cases/display/lz.ts";
import { displayPicture, displayServer, displayServerFaults } from "../cases/display/server.ts";
import { monitors, start } from "../cases/display/start.ts";
import { surfaceFaults, surfaces } from "../cases/display/surfaces.ts";
import { bodies } from "../cases/headers/bodies.ts";
import { kinds } from "../cases/headers/kinds.ts";
import { lists } from "../cases/headers/lists.ts";
import { counts } from "../cases/hostile/counts.ts";
import { input } from "../cases/hostile/input.ts";
import { pictures } from "../cases/hostile/pictures.ts";
import { session } from "../cases/hostile/session.ts";
import { sizes } from "../cases/hostile/sizes.ts";
import { smartcard } from "../cases/hostile/smartcard.ts";
import { keys } from "../cases/inputs/keys.ts";
import { pointer } from "../cases/inputs/pointer.ts";
import { sending } from "../cases/inputs/sending.ts";
import { answered } from "../cases/link/answered.ts";
import { channel } from "../cases/link/channel.ts";
import { header } from "../cases/link/header.ts";
import { message } from "../cases/link/message.ts";
import { refused } from "../cases/link/refused.ts";
import { reply } from "../cases/link/reply.ts";
import { request } from "../cases/link/request.ts";
import { ticket } from "../cases/link/ticket.ts";
import { agent } from "../cases/main/agent.ts";
import { channelsList } from "../cases/main/channels.ts";
import { init } from "../cases/main/init.ts";
import { mouseMode } from "../cases/main/mouse_mode.ts";
import { other } from "../cases/main/other.ts";
import type { Case, Group } from "./case.ts";

/** All groups. */
export const GROUPS: readonly Group[] = [
  answered,
  channel,
  header,
  message,
  refused,
  reply,
  request,
  ticket,
  bodies,
  kinds,
  lists,
  common,
  display,
  main,
  others,
  ack,
  list,
  notify,
  ping,
  unknown,
  wait,
  agent,
  channelsList,
  init,
  mouseMode,
  other,
  keys,
  pointer,
  sending,
  cursorState,
  cursorTypes,
  cursorCache,
  cursorFaults,
  cursorServer,
  bitmap,
  bitmapFaults,
  imageCache,
  paletteCache,
  copyBits,
  fill,
  rops,
  lz,
  lzFaults,
  displayServer,
  displayPicture,
  start,
  monitors,
  surfaces,
  surfaceFaults,
  quic,
  quicFaults,
  lzCodec,
  glz,
  glzFaults,
  lz4,
  lz4Faults,
  jpeg,
  jpegFaults,
  codecServer,
  counts,
  input,
  pictures,
  session,
  sizes,
  smartcard,
  // A server may fall to these.
  displayServerFaults,
];

/** All cases. */
export const CASES: readonly Case[] = GROUPS.flatMap(({ cases }) => cases);
