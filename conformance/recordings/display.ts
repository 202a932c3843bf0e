/** Recordings of what display and cursor channels can carry, each form once, on small screens. */

import type { Libspice, LibspiceOptions } from "../peers/libspice_generator.ts";
import { ImageCompression, VideoCodecType } from "../../protocol/messages/enums.ts";
import { DisplayStreamData } from "../../protocol/messages/display.ts";
import { decode } from "../../protocol/schema/decode.ts";
import { readCapture } from "../capture.ts";
import { makeTempDir } from "../peers/temp_dir.ts";
import { pause } from "../peers/wait_until.ts";
import { playAll, recordOurs, recordScene } from "./libspice.ts";
import type { Recorded, Recording } from "./recording.ts";
import { streamCursor, streamCursorMove, streamData, streamFormat } from "./streaming_agent.ts";

/** Room for 64 images of the scenes `forms` and `forms-le`. */
const SIZE = { width: 256, height: 192 };

/** Steps of the scene `forms` before masks of 8 bits, which spice-gtk 0.42 aborts on when they are in LZ4. */
const STEPS_WITHOUT_ALPHA = 1 + 18 + 16;

/** Compressions of the scene `forms` that spice-gtk bears in all of it. */
const FORMS: Readonly<Record<string, LibspiceOptions>> = {
  "libspice-forms": { compression: "off" },
  "libspice-forms-lz": { compression: "lz" },
  "libspice-forms-glz": { compression: "glz" },
  "libspice-forms-zlib-glz": { compression: "glz", zlib: "always" },
};

/** All of them. */
export const DISPLAY_RECORDINGS: readonly Recording[] = [
  { name: "libspice-cursor-forms", record: recordCursorForms },
  ...Object.entries(FORMS).map(([name, options]) => ({
    name,
    record: () => recordScene({ scene: "forms", size: SIZE, ...options }, playAll),
  })),
  {
    name: "libspice-forms-lz4",
    record: () => {
      return recordScene({ scene: "forms", size: SIZE, compression: "lz4" }, async (server) => {
        await server.play(STEPS_WITHOUT_ALPHA);
      });
    },
  },
  { name: "libspice-forms-le", record: () => recordOurs({ scene: "forms-le", size: SIZE }, playAll) },
  {
    name: "libspice-forms-le-lz",
    record: () => recordOurs({ scene: "forms-le", size: SIZE, compression: "lz" }, playAll),
  },
  { name: "libspice-masks-plain", record: () => recordOurs({ scene: "masks-plain", size: SIZE }, playAll) },
  {
    name: "libspice-palettes",
    record: () => recordScene({ scene: "palettes", size: SIZE, compression: "off" }, playAll),
  },
  { name: "libspice-lossy", record: recordLossy },
  {
    name: "libspice-drops",
    // 4 bytes a pixel: room for eight of the twelve images.
    record: () => recordScene({ scene: "drops", size: SIZE, compression: "lz" }, playAll, { "cache-size": 100_000 }),
  },
  { name: "libspice-bare", record: () => recordOurs({ scene: "bare", size: SIZE }, playAll) },
  {
    name: "libspice-layouts",
    record: () => recordScene({ scene: "layouts", size: SIZE, compression: "off" }, playAll),
  },
  { name: "libspice-streaming-agent", record: recordStreamingAgent },
  { name: "libspice-preferences", record: recordPreferences },
  {
    name: "libspice-stream-clips",
    record: () => {
      const options: LibspiceOptions = { scene: "stream-clips", size: SIZE, streams: "all", compression: "auto_lz" };
      return recordScene(options, async (server) => void await server.play(undefined, 33));
    },
  },
  { name: "libspice-stream-late", record: recordLateStream },
];

/** The pointer is there before the client. */
async function recordCursorForms(): Promise<Recorded> {
  const size = { width: 64, height: 48 };
  return await recordScene(
    { scene: "cursor-forms", size, compression: "off" },
    playAll,
    {},
    (server) => server.play(2),
  );
}

/** A second display comes when the server has stopped to send what is lossy. */
async function recordLossy(): Promise<Recorded> {
  const options: LibspiceOptions = { scene: "lossy", size: SIZE, compression: "auto_lz", jpeg: "always" };
  return await recordScene(options, async (server: Libspice) => {
    await server.play(1 + 4 * 4);
    await server.command("jpeg never");
    await server.command("display");
    await pause(500);
    await server.play();
  });
}

/** A guest's agent that sends its screen: a stream of each codec, frames of the one that libspice makes, too. */
async function recordStreamingAgent(): Promise<Recorded> {
  const port = "org.spice-space.stream.0", width = 112, height = 96, cursor = 8;
  await using dir = await makeTempDir("streaming-agent");
  const write = async (server: Libspice, bytes: Uint8Array) => {
    const path = `${dir.path}/bytes`;
    await Deno.writeFile(path, bytes);
    await server.command(`write-file ${port} ${path}`);
    await pause(50);
  };
  return await recordScene(
    { scene: "basics", size: SIZE, compression: "off" },
    async (server) => {
      await server.play();
      for (const codec of Object.values(VideoCodecType)) {
        await write(server, streamFormat(width, height, codec));
        if (codec !== VideoCodecType.MJPEG) continue;
        for (const frame of capturedFrames()) await write(server, streamData(frame));
      }
      await write(server, streamCursor(cursor, 1, new Uint8Array(4 * cursor * cursor).fill(0xc0)));
      await write(server, streamCursorMove(20, 30));
      // A smaller screen.
      await write(server, streamFormat(width / 2, height / 2, VideoCodecType.MJPEG));
    },
    {},
    (server) => server.command(`open ${port}`),
  );
}

/** Some frames of a captured stream. */
function capturedFrames(): Uint8Array[] {
  const display = readCapture("libspice-stream-sized").connections.find(({ channel }) => channel.name === "display")!;
  const data = display.messages.server.filter(({ declaration }) => declaration === DisplayStreamData);
  return data.slice(0, 3).map(({ body }) => decode(DisplayStreamData.wire, body).data);
}

/** A client that asks for one compression after another, and for video codecs. */
async function recordPreferences(): Promise<Recorded> {
  return await recordScene({ scene: "drops", size: SIZE }, async (server, gtk) => {
    await server.play(2);
    for (const compression of Object.values(ImageCompression)) {
      if (compression === ImageCompression.INVALID) continue;
      await gtk.rpc.execute("compression", { compression });
      await pause(50);
      await server.play(2);
    }
    await gtk.rpc.execute("video_codecs", { codecs: Object.values(VideoCodecType) });
    await gtk.rpc.execute("video_codecs", { codecs: [VideoCodecType.VP8] });
    await pause(50);
  });
}

/** A client that comes when a stream is under way. */
async function recordLateStream(): Promise<Recorded> {
  const options: LibspiceOptions = { scene: "stream-clips", size: SIZE, streams: "all", compression: "auto_lz" };
  let played: Promise<unknown> = Promise.resolve();
  return await recordScene(options, async () => void await played, {}, async (server) => {
    played = server.play(undefined, 33);
    // Some 20 frames make a stream.
    await pause(1200);
  });
}
