/** A browser for clients that run in one: of the control protocol it knows `address`, that of its DevTools. */
import { startBrowser } from "../peers/chromium.ts";
import { answerLines } from "./lines.ts";

// Standard input is closed first: that ends this program, with nothing left behind.
Deno.addSignalListener("SIGTERM", () => {});
await using browser = await startBrowser();
await answerLines({ address: () => browser.address });
