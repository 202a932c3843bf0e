/**
 * Our client, for the suite to judge: it connects, then speaks the control protocol.
 *
 * saffron_client.ts URI [PASSWORD]
 */
import { type ButtonName, connect, type Session, type SessionEvent } from "../../mod.ts";
import { answerLines, type Verbs, writePicture } from "./lines.ts";

if (import.meta.main) await runClient(Deno.args[0] ?? "", Deno.args[1] ?? "");

/** Connects, and answers until there are no more questions. */
export async function runClient(uri: string, password: string): Promise<void> {
  const events: SessionEvent[] = [];
  const session = await connect(uri, { password, onEvent: (event) => void events.push(event) });
  await answerLines(verbsOf(session, events));
  await session.close();
}

function verbsOf(session: Session, events: SessionEvent[]): Verbs {
  const { core, keyboard, pointer } = session, number = (value: unknown) => Number(value ?? 0);
  return {
    shot: (args) => writePicture(core.displays.get(number(args["display"]))?.primary ?? raise("no picture")),
    heads: (args) => core.displays.get(number(args["display"]))?.heads ?? raise("no display channel"),
    cursor: (args) => {
      const cursor = core.cursors.get(number(args["display"]))?.cursor ?? raise("no cursor channel");
      const { x, y, visible, image } = cursor;
      const pixels = image === null ? [] : [...image.pixels];
      return {
        x,
        y,
        visible,
        width: image?.width ?? 0,
        height: image?.height ?? 0,
        hotX: image?.hotX ?? 0,
        hotY: image?.hotY ?? 0,
        pixels,
      };
    },
    key: (args) => keyboard.send([{ scancode: number(args["scancode"]), down: args["down"] === true }]),
    move: (args) => pointer.move({ x: number(args["x"]), y: number(args["y"]) }, { head: number(args["display"]) }),
    motion: (args) => pointer.moveBy(number(args["dx"]), number(args["dy"])),
    button: (args) => {
      const name = String(args["button"]) as ButtonName;
      return args["down"] === true ? pointer.down(name) : pointer.up(name);
    },
    leds: () => core.inputs?.modifiers ?? raise("there is no inputs channel"),
    mouse_mode: (args) => session.requestMouseMode(args["mode"] === "client" ? "client" : "server"),
    name: () => session.name,
    events: () => events.splice(0).map(({ type }) => type),
  };
}

function raise(why: string): never {
  throw new Error(why);
}
