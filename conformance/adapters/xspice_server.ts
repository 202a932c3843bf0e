/** Xspice with a terminal on it, for the suite to judge: of the control protocol it knows `uri`. */
import { startXspice } from "../peers/xspice.ts";
import { answerLines } from "./lines.ts";

await using xspice = await startXspice();
await xspice.openTerminal();
await answerLines({ uri: () => xspice.uri });
