/** What users are handed by others: URIs and connection files. */
import { concat } from "../../../protocol/schema/encode.ts";
import { below } from "../../../protocol/schema/prng.ts";
import { formatUri, parseUri } from "../../../protocol/uri.ts";
import { parseVv } from "../../../protocol/vv.ts";
import { mutate, randomBytes } from "../mutate.ts";
import { sameOutcome } from "../oracles.ts";
import { OF_A_DECODER, type Target } from "../target.ts";

const URIS = [
  "spice://host.example:5900?password=secret",
  "spice://[2001:db8::1%25eth0]:5900?tls-port=5901",
  "spice+tls://user@host:443",
  "spice+unix:///run/spice%20sock?password=a%26b",
  "spice://10.0.0.1?port=5930&tls-port=0",
];

const VV = `[virt-viewer]
type=spice
host=192.0.2.7
port=5900
tls-port=-1
password=a\\sb\\n
ca=-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\\n
host-subject=O=example,CN=host
secure-channels=main;inputs;
delete-this-file=1
versions=linux:1.0;windows:2.0
[ovirt]
host=x
`;

/** A SPICE URI. */
export const uris: Target = {
  name: "uri",
  weight: 6,
  ...OF_A_DECODER,
  generate: (random) => {
    const pieces = [
      "spice",
      "+unix",
      "://",
      "[",
      "]",
      "::1",
      ":5900",
      "?",
      "port=",
      "&",
      "password=",
      "%",
      "%00",
      "@",
      "#",
    ];
    if (below(random, 3) === 0) {
      return text(Array.from({ length: below(random, 9) }, () => pieces[below(random, pieces.length)]!).join(""));
    }
    const at = (n: number) => text(URIS[below(random, n)]!);
    return mutate(at(URIS.length), random, at(URIS.length));
  },
  run: (input) => {
    const target = parseUri(String.fromCharCode(...input.subarray(0, 20_000)));
    const again = formatUri(target, { withPassword: true });
    sameOutcome("a URI written and read again", JSON.stringify(parseUri(again)), JSON.stringify(target));
    return "value";
  },
};

/** A connection file. */
export const vvFiles: Target = {
  name: "vv",
  weight: 4,
  ...OF_A_DECODER,
  generate: (random) =>
    below(random, 10) === 0 ? randomBytes(random, 200) : mutate(text(VV), random, concat(URIS.map(text))),
  run: (input) => {
    parseVv(input);
    return "value";
  },
};

function text(of: string): Uint8Array {
  return new TextEncoder().encode(of);
}
