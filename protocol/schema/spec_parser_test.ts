import assert from "node:assert/strict";
import { parseSpec } from "./spec_parser.ts";

const TEXT = `
/* a comment
   of two lines */
typedef fixed int32 @ctype(FIXED); // and one of one

enum8 kind { NONE, 1BIT_LE, LATER = 100, LAST @deprecated };
flags16 bits { A, B = 3, C, } @prefix(SPICE_B_);

struct Point { fixed x; fixed y; };

message Data { uint8 data[] @end; } @nocopy @declare;

struct Image {
    struct Descriptor { uint64 id; kind type; bits flags; } descriptor;
    switch (descriptor.type) {
    case NONE:
    case 1BIT_LE:
        Point *at @nonnull;
    default:
        int8 rows[image_size(8, stride, y)];
    } u @anon;
    switch (descriptor.flags) { case !A: uint32 n; } v;
};

channel Base {
 server:
    message { uint32 n; } @declare first;
    Data second = 7;
    Data third;
 client:
    Data only;
 server:
    Data fourth;
} @ifdef(X);

channel Main : Base { };

protocol Spice { Main main = 1; Base other; Base last = 9; };
`;

Deno.test("parseSpec() reads every definition", () => {
  const spec = parseSpec(TEXT);
  assert.deepEqual(spec.typedefs.get("fixed"), { kind: "int", bits: 32, signed: true });
  assert.deepEqual(spec.enumerations.get("kind"), {
    name: "kind",
    bits: 8,
    flags: false,
    members: new Map([["NONE", 0], ["1BIT_LE", 1], ["LATER", 100], ["LAST", 101]]),
    prefix: null,
  });
  assert.deepEqual(spec.enumerations.get("bits"), {
    name: "bits",
    bits: 16,
    flags: true,
    members: new Map([["A", 1], ["B", 8], ["C", 16]]),
    prefix: "SPICE_B_",
  });
  assert.deepEqual(spec.protocol, [
    { name: "main", channel: "Main", type: 1 },
    { name: "other", channel: "Base", type: 2 },
    { name: "last", channel: "Base", type: 9 },
  ]);
});

Deno.test("parseSpec() numbers messages by direction, on from the last one given", () => {
  const { channels } = parseSpec(TEXT);
  const base = channels.get("Base");
  assert.deepEqual(base?.server.map(({ name, id }) => [name, id]), [["first", 1], ["second", 7], ["third", 8], [
    "fourth",
    9,
  ]]);
  assert.deepEqual(base?.client.map(({ name, id }) => [name, id]), [["only", 1]]);
  assert.deepEqual(base?.server.map(({ body }) => typeof body === "string" ? body : body.members.length), [
    1,
    "Data",
    "Data",
    "Data",
  ]);
  assert.equal(channels.get("Main")?.parent, "Base");
});

Deno.test("parseSpec() reads fields, nested structs, switches and attributes", () => {
  const members = parseSpec(TEXT).structs.get("Image")!.members;
  assert.deepEqual(members.map(({ kind, name }) => [kind, name]), [["field", "descriptor"], ["switch", "u"], [
    "switch",
    "v",
  ]]);
  const [descriptor, u, v] = members;
  assert.ok(descriptor?.kind === "field" && descriptor.type.kind === "struct");
  assert.deepEqual(descriptor.type.struct.members.map(({ name }) => name), ["id", "type", "flags"]);
  assert.ok(u?.kind === "switch" && v?.kind === "switch");
  assert.equal(u.on, "descriptor.type");
  assert.deepEqual(u.cases.map(({ labels }) => labels), [["NONE", "1BIT_LE"], ["default"]]);
  assert.deepEqual([...u.attributes.keys()], ["anon"]);
  const [at, rows] = u.cases.map(({ field }) => field);
  assert.deepEqual([at?.pointer, [...at?.attributes.keys() ?? []]], [true, ["nonnull"]]);
  assert.deepEqual(rows?.array, { kind: "image", bitsPerPixel: 8, width: "stride", rows: "y" });
  assert.deepEqual(rows?.type, { kind: "int", bits: 8, signed: true });
  assert.deepEqual(v.cases.map(({ labels }) => labels), [["!A"]]);
});

Deno.test("parseSpec() names the line of a mistake", () => {
  const mistakes: [string, RegExp][] = [
    ["struct A { uint8 x; }\nstruct", /line 2: ; expected, struct found/],
    ["struct A { uint8 x[size(3)]; };", /size\(\) is no length/],
    ["struct A { uint8 x[image_size(3)]; };", /takes bits, width and rows/],
    ["struct A { switch (x) { uint8 y; } u; };", /part of a switch without a case/],
    ["enum8 a { X Y };", /, expected, Y found/],
    ["enum8 a { X, X };", /a second X in a/],
    ["enum8 a { X = Y };", /no number/],
    ["\n\nunion A { };", /line 3: union is no definition/],
    ["struct A { };\nstruct A { };", /line 2: a second A/],
    ["struct A {", /the end found/],
    ["protocol P { }; struct A { };", /more after the protocol/],
    ["", /line 1: a word expected, the end found/],
  ];
  for (const [text, error] of mistakes) {
    assert.throws(() => parseSpec(text), (thrown) => thrown instanceof SyntaxError && error.test(thrown.message), text);
  }
});
