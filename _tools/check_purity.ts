/** Checks that the pure layers are pure: `deno task ok purity`. */

import { readSources } from "./check_layers.ts";
import { report } from "./finding.ts";
import { isTest, layerOf } from "./layers.ts";
import { findImpurities } from "./purity.ts";

if (import.meta.main) {
  const sources = await readSources();
  const pure = new Map([...sources].filter(([file]) => layerOf(file)?.pure === true && !isTest(file)));
  Deno.exit(report(findImpurities(pure), `${pure.size} files`));
}
