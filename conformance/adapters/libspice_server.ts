/**
 * libspice-server behind the generator, for the suite to judge: it speaks the control protocol, `uri` included.
 *
 * libspice_server.ts [--password P] [--compression off|lz|…]
 */
import { parseArgs } from "node:util";
import { type LibspiceOptions, startLibspice } from "../peers/libspice_generator.ts";
import { answerLines } from "./lines.ts";

const { values } = parseArgs({
  options: { password: { type: "string" }, compression: { type: "string", default: "lz" } },
});
await using libspice = await startLibspice({
  scene: "basics",
  sound: true,
  compression: values.compression as NonNullable<LibspiceOptions["compression"]>,
  ...(values.password !== undefined && { ticket: values.password }),
});
await answerLines({
  uri: () => libspice.uri,
  leds: (args) => libspice.command(`leds ${Number(args["modifiers"])}`),
  pointer: (args) => libspice.command(`tablet ${args["absolute"] === true ? 1 : 0}`),
  size: (args) => libspice.command(`resize ${Number(args["width"])} ${Number(args["height"])}`),
});
