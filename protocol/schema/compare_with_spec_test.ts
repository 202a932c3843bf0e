import assert from "node:assert/strict";
import { compareWithHeader } from "./compare_with_header.ts";
import { compareWithSpec } from "./compare_with_spec.ts";
import { differenceText } from "./difference.ts";
import { enumeration, flags } from "./enumeration.ts";
import { channel, message, sameAs } from "./message.ts";
import { parseSpec } from "./spec_parser.ts";
import {
  array,
  bytes,
  countOf,
  enumOf,
  fd,
  flagsOf,
  i32,
  i64,
  imageBytes,
  match,
  matchFlag,
  nothing,
  optionalPointer,
  pointer,
  REST,
  struct,
  tagOf,
  textBytes,
  u16,
  u32,
  u64,
  u8,
  unlessFlag,
  whenFlag,
} from "./wire.ts";

// A definition with every feature that spice.proto uses, and the declarations that say the same.

const TEXT = `
typedef fixed int32;
enum8 shape_type { NONE, DOTS, LINE = 7, ROWS };
enum16 speed { SLOW, FAST };
flags8 look { BOLD, ROUND, THCIK, DASHED = 5 };
flags16 extra { A, B } @prefix(SPICE_X_);

struct Point { int32 x; int32 y; };
struct Dots { uint16 num_dots; Point dots[num_dots] @end; };
struct Glyph { uint16 width; uint16 height; uint8 data[image_size(4, width, height)] @end; };

struct Image {
    struct Descriptor { uint64 id; shape_type type; uint32 stride; } descriptor;
    switch (descriptor.type) {
    case DOTS:
        Dots dots;
    case LINE:
    case ROWS:
        uint32 color;
    } u;
};

struct Line {
    look flags;
    switch (flags) { case DASHED: uint8 dash_nseg; } u1 @anon;
    switch (flags) { case DASHED: fixed *dashes[dash_nseg] @nonnull; } u2 @anon;
};

struct Cursor {
    extra flags;
    switch (flags) { case !A: Point header; } u @anon;
    uint8 data[] @as_ptr(size);
};

struct Text {
    uint16 length;
    look flags;
    switch (flags) {
    case BOLD: Glyph glyphs[length] @ptr_array;
    case ROUND: uint32 plain[length];
    } u @anon;
};

struct Palette {
    extra flags;
    switch (flags) {
    case B: uint64 palette_id;
    default: Point *palette @marshall;
    } pal @anon;
};

message Empty { } @declare;
message Data { uint8 data[] @end; } @nocopy;

channel BaseChannel {
 server:
    message { uint32 id; speed visibilty; } @declare ping;
    Data list;
    Empty base_last = 100;
 client:
    message { uint32 id; } pong;
};

channel MainChannel : BaseChannel {
 server:
    message { Point at; Image *image; Image *other @nonnull; Line line; uint8 uuid[16]; } @declare draw = 101;
    Empty mark;
    message { Text *str @marshall @nonnull; Palette pal; Cursor cursor; } text = 110;
    message { unix_fd the_fd; int64 cache_size; uint32 name_len; uint8 *name[name_len] @zero_terminated; } scan;
 client:
    message { uint8 count; speed speeds[count] @end; } @declare prefer = 101;
    message { Cursor cursor; } set;
};

channel PortChannel : MainChannel {
};

protocol Spice { MainChannel main = 1; PortChannel port = 10; };
`;

const ShapeType = enumeration("shape_type", 8, { NONE: 0, DOTS: 1, LINE: 7, ROWS: 8 });
const Speed = enumeration("speed", 16, { SLOW: 0, FAST: 1 });
const Look = flags("look", 8, { BOLD: 0, ROUND: 1, THICK: 2, DASHED: 5 });
const Extra = flags("extra", 16, { A: 0, B: 1 });
const ENUMERATIONS = [ShapeType, Speed, Look, Extra, enumeration("SPICE_CHANNEL", 8, { MAIN: 1 })];

const Point = struct("Point", { x: i32, y: i32 });
const Dots = struct("Dots", { numDots: countOf("dots", u16), dots: array(Point, "numDots") });
const Glyph = struct("Glyph", { width: u16, height: u16, data: imageBytes(4, "width", "height") });
const Image = struct("Image", {
  id: u64,
  type: tagOf("body", ShapeType),
  stride: u32,
  body: match("type", { NONE: nothing, DOTS: Dots, LINE: u32, ROWS: u32 }),
});
const Line = struct("Line", {
  flags: flagsOf(Look),
  dashed: whenFlag(
    "flags",
    "DASHED",
    struct("Dashes", { dashNseg: countOf("dashes", u8), dashes: pointer(array(i32, "dashNseg")) }),
  ),
}, { wire: { "flags.THICK": "THCIK" } });
const Cursor = struct("Cursor", { flags: flagsOf(Extra), header: unlessFlag("flags", "A", Point), data: bytes(REST) });
const Text = struct("Text", {
  length: countOf("glyphs", u16),
  flags: flagsOf(Look),
  glyphs: matchFlag("flags", { BOLD: array(Glyph, "length"), ROUND: array(u32, "length") }),
});
const Palette = struct("Palette", {
  flags: flagsOf(Extra),
  palette: whenFlag("flags", "B", u64, optionalPointer(Point, "eager")),
});
const Ping = message("PING", 1, { id: u32, visibility: enumOf(Speed) }, { wire: { visibility: "visibilty" } });
const List = message("LIST", 2, { data: bytes(REST) });
const Draw = message("MAIN_DRAW", 101, {
  at: Point,
  image: optionalPointer(Image),
  other: pointer(Image),
  line: Line,
  uuid: bytes(16),
});
const Mark = message("MAIN_MARK", 102, {});
const Str = message("MAIN_TEXT", 110, { str: pointer(Text, "eager"), pal: Palette, cursor: Cursor });
const Scan = message("MAIN_SCAN", 111, {
  theFd: fd,
  cacheSize: i64,
  nameLen: countOf("name"),
  name: optionalPointer(textBytes("nameLen")),
});
const Prefer = message("MAIN_PREFER", 101, { count: countOf("speeds", u8), speeds: array(enumOf(Speed), "count") });
const server = [Ping, List, message("BASE_LAST", 100, {}), Draw, Mark, Str, Scan];
const client = [message("PONG", 1, { id: u32 }), Prefer, message("MAIN_SET", 102, { cursor: Cursor })];
const CHANNELS = { main: channel("main", 1, server, client), port: channel("port", 10, server, client) };

Deno.test("compareWithSpec() finds nothing when both say the same, and counts what it compared", () => {
  const { compared, differences, nestings } = compareWithSpec(CHANNELS, ENUMERATIONS, TEXT);
  assert.deepEqual(differences, []);
  assert.deepEqual(compared, {
    channels: 2,
    messages: 20,
    fields: 138,
    pointers: 12,
    lengths: 24,
    cases: 26,
    enumerations: 4,
    members: 12,
  });
  assert.deepEqual(nestings, [
    "id is descriptor.id",
    "type is descriptor.type",
    "stride is descriptor.stride",
    "dashed.dashNseg is dashNseg",
    "dashed.dashes is dashes",
  ]);
});

/** What is replaced in the definition, and the differences (kind, place) of the first channel that must follow. */
const MUTATIONS: readonly (readonly [title: string, from: string, to: string, found: readonly string[]])[] = [
  ["a channel type", "port = 10", "port = 11", ["channel-type port"]],
  ["an added channel", "PortChannel port = 10", "PortChannel port = 10; MainChannel more", ["channel more"]],
  ["a removed channel", "PortChannel port = 10; ", "", ["channel port"]],
  ["a message id", "scan;", "scan = 115;", ["id main server MAIN_SCAN"]],
  ["ids that follow", "draw = 101;", "draw = 103;", ["id main server MAIN_DRAW", "id main server MAIN_MARK"]],
  ["an added message", "Empty mark;", "Empty mark; Data more;", ["message main server MAIN_MORE"]],
  ["a removed message", "Empty mark;", "", ["message main server MAIN_MARK"]],
  ["a renamed message", "Empty mark;", "Empty mork;", [
    "message main server MAIN_MARK",
    "message main server MAIN_MORK",
  ]],
  ["a lost parent", "MainChannel : BaseChannel", "MainChannel", [
    "message main server PING",
    "message main server LIST",
    "message main server BASE_LAST",
    "message main client PONG",
  ]],
  ["the other direction", "speeds[count] @end; } @declare prefer = 101;", "speeds[count]; } prefer = 101; server:", [
    "message main server MAIN_SET",
    "message main client MAIN_SET",
  ]],
  ["swapped fields", "int32 x; int32 y;", "int32 y; int32 x;", [
    "order main server MAIN_DRAW at.x",
    "order main server MAIN_DRAW image->body<DOTS>.dots[].x",
    "order main server MAIN_DRAW other->body<DOTS>.dots[].x",
    "order main server MAIN_TEXT pal.palette<!B>->x",
    "order main server MAIN_TEXT cursor.header<!A>.header.x",
    "order main client MAIN_SET cursor.header<!A>.header.x",
  ]],
  ["an added field", "message { uint32 id; } pong", "message { uint32 id; uint8 pad; } pong", [
    "field main client PONG pad",
  ]],
  ["a removed field", "Palette pal; Cursor", "Cursor", [
    "field main server MAIN_TEXT pal.flags",
    "field main server MAIN_TEXT pal.palette",
  ]],
  ["a renamed field", "uint32 stride", "uint32 strides", [
    "name main server MAIN_DRAW image->stride",
    "name main server MAIN_DRAW other->stride",
  ]],
  ["a spelling put right", "visibilty", "visibility", ["name main server PING visibilty"]],
  ["a width", "uint8 count;", "uint16 count;", ["width main client MAIN_PREFER count"]],
  ["a sign", "int64 cache_size", "uint64 cache_size", ["sign main server MAIN_SCAN cacheSize"]],
  ["a typedef", "typedef fixed int32", "typedef fixed int16", [
    "width main server MAIN_DRAW line.dashed<DASHED>.dashed.dashes->[]",
  ]],
  ["a plain integer for an enumeration", "speed visibilty", "uint16 visibilty", []],
  ["another enumeration", "speed visibilty", "extra visibilty", ["enumeration-of main server PING visibilty"]],
  ["an enumeration for a plain integer", "message { uint32 id; speed", "message { speed id; speed", [
    "width main server PING id",
    "enumeration-of main server PING id",
  ]],
  ["bytes for a number", "uint8 uuid[16]", "uint8 uuid", ["kind main server MAIN_DRAW uuid"]],
  ["a fixed length", "uint8 uuid[16]", "uint8 uuid[17]", ["length main server MAIN_DRAW uuid"]],
  ["a length by another field", "dots[num_dots]", "dots[]", [
    "length main server MAIN_DRAW image->body<DOTS>.dots",
    "length main server MAIN_DRAW other->body<DOTS>.dots",
  ]],
  ["the bits of an image", "image_size(4,", "image_size(8,", ["length main server MAIN_TEXT str->glyphs<BOLD>[].data"]],
  ["the sides of an image", "width, height)]", "height, width)]", [
    "length main server MAIN_TEXT str->glyphs<BOLD>[].data",
  ]],
  ["the elements of an array", "uint32 plain[length]", "uint16 plain[length]", [
    "width main server MAIN_TEXT str->glyphs<ROUND>[]",
  ]],
  ["a pointer that may be null", "*other @nonnull", "*other", ["null main server MAIN_DRAW other"]],
  ["a pointer that may not be null", "Image *image;", "Image *image @nonnull;", ["null main server MAIN_DRAW image"]],
  ["the order of targets", "Text *str @marshall", "Text *str", ["target-order main server MAIN_TEXT str"]],
  ["a target in place", "Image *image;", "Image image;", [
    "name main server MAIN_DRAW image",
    "field main server MAIN_DRAW image.descriptor.type",
    "field main server MAIN_DRAW image.descriptor.stride",
    "field main server MAIN_DRAW image.u",
    "kind main server MAIN_DRAW image",
  ]],
  ["a moved case", "case DOTS:", "case NONE:", [
    "case main server MAIN_DRAW image->body<DOTS>",
    "case main server MAIN_DRAW image->body<NONE>",
    "case main server MAIN_DRAW other->body<DOTS>",
    "case main server MAIN_DRAW other->body<NONE>",
  ]],
  ["an added case", "case DOTS:", "case NONE: case DOTS:", [
    "case main server MAIN_DRAW image->body<NONE>",
    "case main server MAIN_DRAW other->body<NONE>",
  ]],
  ["a case for all others", "case LINE:\n    case ROWS:", "default:", [
    "case main server MAIN_DRAW image->body<NONE>",
    "case main server MAIN_DRAW other->body<NONE>",
  ]],
  ["a flag turned round", "case !A:", "case A:", [
    "name main server MAIN_TEXT cursor.header",
    "case main server MAIN_TEXT cursor.header<!A>",
    "case main server MAIN_TEXT cursor.header<A>",
    "name main client MAIN_SET cursor.header",
    "case main client MAIN_SET cursor.header<!A>",
    "case main client MAIN_SET cursor.header<A>",
  ]],
  ["a part without its flag", "switch (flags) { case DASHED: uint8 dash_nseg; } u1 @anon;", "uint8 dash_nseg;", [
    "field main server MAIN_DRAW line.dashNseg",
    "field main server MAIN_DRAW line.dashed<DASHED>.dashed.dashNseg",
  ]],
  ["the width of an enumeration", "enum16 speed", "enum8 speed", [
    "width main server PING visibilty",
    "width main client MAIN_PREFER speeds[]",
    "width speed",
  ]],
  ["flags for an enumeration", "enum16 speed", "flags16 speed", [
    "flags speed",
    "value speed.SLOW",
    "value speed.FAST",
  ]],
  ["the value of a member", "LINE = 7", "LINE = 6", ["value shape_type.LINE", "value shape_type.ROWS"]],
  ["the bit of a flag", "DASHED = 5", "DASHED = 6", ["value look.DASHED"]],
  ["an added member", "SLOW, FAST", "SLOW, FAST, FASTER", ["member speed.FASTER"]],
  ["a removed member", "ROUND, THCIK,", "ROUND,", ["member look.THCIK"]],
  ["an added enumeration", "enum16 speed", "enum8 more { X }; enum16 speed", ["enumeration more"]],
];

for (const [title, from, to, expected] of MUTATIONS) {
  Deno.test(`compareWithSpec() reports ${title}`, () => {
    assert.ok(TEXT.includes(from), from);
    const { differences } = compareWithSpec(CHANNELS, ENUMERATIONS, TEXT.replace(from, to));
    const found = differences.filter(({ at }) => !at.startsWith("port ")).map(({ kind, at }) => `${kind} ${at}`);
    assert.deepEqual(found, expected);
  });
}

Deno.test("compareWithSpec() reports what the definition does not have", () => {
  const more = [...ENUMERATIONS, enumeration("unheard", 8, { OF: 1 })];
  const channels = { ...CHANNELS, third: channel("third", 3, [], []) };
  assert.deepEqual(compareWithSpec(channels, more, TEXT).differences.map(differenceText), [
    "third: channel: ours type 3, theirs none",
    "unheard: enumeration: ours declared, theirs none",
  ]);
});

Deno.test("compareWithSpec() lets pass what is allowed, and reports what is allowed for nothing", () => {
  const allowed = [{ kind: "null", at: "* server MAIN_DRAW other", reason: "it is tested" }] as const;
  const text = TEXT.replace("*other @nonnull", "*other");
  assert.equal(compareWithSpec(CHANNELS, ENUMERATIONS, text).differences.length, 2);
  assert.deepEqual(compareWithSpec(CHANNELS, ENUMERATIONS, text, allowed).differences, []);
  assert.deepEqual(compareWithSpec(CHANNELS, ENUMERATIONS, TEXT, allowed).differences.map(({ kind }) => kind), [
    "unused",
  ]);
  const narrower = [{ ...allowed[0], at: "main server MAIN_DRAW other" }];
  assert.deepEqual(compareWithSpec(CHANNELS, ENUMERATIONS, text, narrower).differences.map(({ at }) => at), [
    "port server MAIN_DRAW other",
  ]);
});

Deno.test("compareWithSpec() refuses a definition that names what it does not define", () => {
  for (
    const [from, to] of [
      ["Line line;", "Lime line;"],
      ["case DOTS:", "case DOT:"],
      [
        "switch (descriptor.type)",
        "switch (descriptor.kind)",
      ],
      ["Empty mark", "Emptied mark"],
      [": BaseChannel", ": BassChannel"],
    ] as const
  ) {
    assert.throws(() => compareWithSpec(CHANNELS, ENUMERATIONS, TEXT.replace(from, to)), TypeError, to);
  }
});

const HEADER = `
/* generated */
typedef enum SpiceShapeType {
    SPICE_SHAPE_TYPE_NONE,
    SPICE_SHAPE_TYPE_DOTS,
    SPICE_SHAPE_TYPE_LINE = 7,
    SPICE_SHAPE_TYPE_ROWS,

    SPICE_SHAPE_TYPE_ENUM_END
} SpiceShapeType;
typedef enum SpiceLook {
    SPICE_LOOK_BOLD = (1 << 0),
    SPICE_LOOK_ROUND = (1 << 1),
    SPICE_LOOK_THCIK = (1 << 2),
    SPICE_LOOK_DASHED = (1 << 5),

    SPICE_LOOK_MASK = 0x27
} SpiceLook;
typedef enum SpiceExtra {
    SPICE_X_A = (1 << 0),
    SPICE_X_B SPICE_GNUC_DEPRECATED = (1 << 1),
    SPICE_EXTRA_MASK = 0x3
} SpiceExtra;
typedef enum { SPICE_SPEED_SLOW, SPICE_SPEED_FAST } SpiceSpeed;
enum { SPICE_CHANNEL_MAIN = 1, SPICE_CHANNEL_PORT = 10, SPICE_END_CHANNEL };
enum { SPICE_MSG_PING = 1, SPICE_MSG_LIST, SPICE_MSG_BASE_LAST = 100, };
enum { SPICE_MSG_MAIN_DRAW = 101, SPICE_MSG_MAIN_MARK, SPICE_MSG_MAIN_TEXT = 110, SPICE_MSG_MAIN_SCAN, SPICE_MSG_END_MAIN };
enum { SPICE_MSGC_PONG = 1, SPICE_MSGC_MAIN_PREFER = 101, SPICE_MSGC_MAIN_SET };
`;

Deno.test("compareWithHeader() compares constants by their C names, both ways", () => {
  const spec = parseSpec(TEXT);
  const found = (header: string) =>
    compareWithHeader(CHANNELS, ENUMERATIONS, spec, header).differences.map(differenceText);
  assert.deepEqual(compareWithHeader(CHANNELS, ENUMERATIONS, spec, HEADER), {
    compared: { messages: 10, members: 12, channels: 2 },
    differences: [],
  });
  assert.deepEqual(found(HEADER.replace("LINE = 7", "LINE = 8")), [
    "SPICE_SHAPE_TYPE_LINE: value: ours 7, theirs 8",
    "SPICE_SHAPE_TYPE_ROWS: value: ours 8, theirs 9",
  ]);
  assert.deepEqual(found(HEADER.replace("(1 << 5)", "(1 << 6)")), ["SPICE_LOOK_DASHED: value: ours 32, theirs 64"]);
  assert.deepEqual(found(HEADER.replace("MSG_MAIN_TEXT = 110", "MSG_MAIN_TEXT = 111")), [
    "SPICE_MSG_MAIN_TEXT: value: ours 110, theirs 111",
    "SPICE_MSG_MAIN_SCAN: value: ours 111, theirs 112",
  ]);
  assert.deepEqual(found(HEADER.replace("SPICE_SPEED_FAST", "SPICE_SPEED_QUICK")), [
    "SPICE_SPEED_FAST: member: ours 1, theirs none",
    "SPICE_SPEED_QUICK: member: ours none, theirs 1",
  ]);
  assert.deepEqual(found(HEADER.replace("CHANNEL_PORT = 10", "CHANNEL_PORT = 11")), [
    "SPICE_CHANNEL_PORT: value: ours 10, theirs 11",
  ]);
  assert.throws(() => found(HEADER.replace("(1 << 5)", "OTHER")), SyntaxError);
});

Deno.test("compareWithSpec() compares a message that shares its declaration like any other", () => {
  const twice = [...server, sameAs("MAIN_AGAIN", 112, Draw)];
  const channels = { main: channel("main", 1, twice, client), port: channel("port", 10, twice, client) };
  const text = TEXT.replace(
    " client:\n    message { uint8 count;",
    `    message { Point at; } again;\n client:\n    message { uint8 count;`,
  );
  const { differences } = compareWithSpec(channels, ENUMERATIONS, text);
  assert.deepEqual(differences.filter(({ at }) => at.startsWith("main")).map(({ kind, at }) => `${kind} ${at}`), [
    "field main server MAIN_AGAIN image",
    "field main server MAIN_AGAIN other",
    "field main server MAIN_AGAIN line.flags",
    "field main server MAIN_AGAIN line.dashed",
    "field main server MAIN_AGAIN uuid",
  ]);
});
