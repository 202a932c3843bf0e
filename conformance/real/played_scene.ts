/** Scenes of the libspice generator, and what spice-gtk shows of them. */
import { type Libspice, type LibspiceOptions, startLibspice } from "../peers/libspice_generator.ts";
import { type Picture, pictureDifference } from "../peers/picture.ts";
import { startSpiceGtk } from "../peers/spice_gtk.ts";
import { waitUntil } from "../peers/wait_until.ts";

/**
 * Play the whole scene once the displays have a client: before, there is nobody to see single operations.
 *
 * @param server To which a client connects.
 */
export async function playScene(server: Libspice): Promise<void> {
  await server.waitEvent("the client", ({ event, present }) => event === "client" && present === 1);
  await server.play(undefined, 3);
}

/**
 * The end of a scene as spice-gtk shows it.
 *
 * @param options The scene, and how the server sends it.
 * @returns The picture of each display.
 */
export async function sceneOfSpiceGtk(options: LibspiceOptions): Promise<Picture[]> {
  await using server = await startLibspice(options);
  await using gtk = await startSpiceGtk({ port: server.port });
  await playScene(server);
  const pictures: Picture[] = [];
  for (let display = 0; display < (options.displays ?? 1); display++) {
    let last = await gtk.shot(display);
    await waitUntil("a still picture", async () => {
      const before = last;
      last = await gtk.shot(display);
      return pictureDifference(last, before) === null;
    }, { everyMs: 300 });
    pictures.push(last);
  }
  return pictures;
}
