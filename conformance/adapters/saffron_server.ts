/**
 * Our server with a machine of pixels, for the suite to judge: it speaks the control protocol, `uri` included.
 *
 * saffron_server.ts [--password P] [--view-only-password P] [--ticket-seconds N] [--size WxH]
 */
import { parseArgs } from "node:util";
import { type CursorShape, type MachineInput, PixelsMachine, SpiceServer } from "../../mod.ts";
import { answerLines, writePicture } from "./lines.ts";

if (import.meta.main) await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      password: { type: "string" },
      "view-only-password": { type: "string" },
      "ticket-seconds": { type: "string" },
      size: { type: "string", default: "320x200" },
    },
  });
  const [width, height] = values.size.split("x").map(Number);
  let inputs: MachineInput[] = [];
  const machine = new PixelsMachine({
    width: width!,
    height: height!,
    name: "judged",
    uuid: Uint8Array.from({ length: 16 }, (_, i) => 16 * i + i),
    resizable: true,
    onInput: (input) => {
      inputs.push(input);
      if (input.kind === "resize") machine.resize(input.width, input.height);
    },
  });
  await using server = new SpiceServer({
    machine,
    ...(values.password !== undefined && { password: values.password }),
    ...(values["view-only-password"] !== undefined && { viewOnlyPassword: values["view-only-password"] }),
    ...(values["ticket-seconds"] !== undefined && { ticketSeconds: Number(values["ticket-seconds"]) }),
  });
  const uri = await server.listen({ port: 0 });
  const number = (value: unknown) => Number(value ?? 0);
  let shape: CursorShape | null = null;
  const area = ({ left, top, right, bottom }: Readonly<Record<string, unknown>>) => ({
    left: number(left),
    top: number(top),
    right: number(right),
    bottom: number(bottom),
  });
  await answerLines({
    uri: () => uri,
    // One colour, 0xRRGGBB.
    fill: (args) => machine.draw({ kind: "fill", area: area(args), color: number(args["color"]) }),
    // The pixels from x, y move.
    copy: (args) => {
      machine.draw({ kind: "copy", area: area(args), from: { x: number(args["x"]), y: number(args["y"]) } });
    },
    // Pixels that follow from the seed.
    paint: (args) => {
      const { left, top, right, bottom } = area(args), pixels = new Uint32Array((right - left) * (bottom - top));
      for (let i = 0; i < pixels.length; i++) {
        pixels[i] = Math.imul(i + number(args["seed"]) * 7919 + 1, 2654435761) >>> 8;
      }
      machine.draw({ kind: "pixels", area: { left, top, right, bottom }, pixels });
    },
    // A pointer of one colour with its alpha, 0xAARRGGBB multiplied; without a width the one before.
    cursor: (args) => {
      if (args["width"] !== undefined) shape = shapeOf(number, args);
      machine.cursor({
        shape,
        visible: args["visible"] !== false && shape !== null,
        at: args["x"] === undefined ? null : { x: number(args["x"]), y: number(args["y"]) },
      });
    },
    pointer: (args) => machine.mouseModes({ absolute: args["absolute"] === true, relative: true }),
    leds: (args) => machine.leds(number(args["modifiers"])),
    size: (args) => machine.resize(number(args["width"]), number(args["height"])),
    // What viewers have done since the last time.
    inputs: () => {
      const taken = inputs;
      inputs = [];
      return taken;
    },
    // The truth.
    picture: () => writePicture(server.core.screen(0)!.surface),
    viewers: () => server.core.viewers.length,
  });
}

function shapeOf(number: (value: unknown) => number, args: Readonly<Record<string, unknown>>): CursorShape | null {
  const [width, height] = [number(args["width"]), number(args["height"])];
  if (width * height === 0) return null;
  const pixels = new Uint32Array(width * height).fill(number(args["color"]));
  return { width, height, hotX: number(args["hotX"]), hotY: number(args["hotY"]), pixels, invert: null };
}
