/** JPEG: tables of the standard, which decoder and encoder share. */

/** Place in a block, row by row, of the n-th value in zigzag order. Source: T.81 figure A.6. */
export const ZIGZAG: readonly number[] = numbers(
  "0 1 8 16 9 2 3 10 17 24 32 25 18 11 4 5 12 19 26 33 40 48 41 34 27 20 13 6 7 14 21 28 35 42 49 56 57 50 43 36 29 " +
    "22 15 23 30 37 44 51 58 59 52 45 38 31 39 46 53 60 61 54 47 55 62 63",
);

/** A Huffman table as a stream has it. */
export interface Codes {
  /** Codes of each length, 1 to 16 bits. */
  readonly counts: Uint8Array;
  /** What they stand for, in the order of the codes. */
  readonly symbols: Uint8Array;
}

/** How coarse quality 50 is, row by row: luminance, colours. Source: T.81 tables K.1 and K.2. */
export const STANDARD_STEPS: readonly (readonly number[])[] = [
  numbers(
    "16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 14 17 22 29 51 87 80 62 18 22 37 56 " +
      "68 109 103 77 24 35 55 64 81 104 113 92 49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99",
  ),
  numbers(
    "17 18 24 47 99 99 99 99 18 21 26 66 99 99 99 99 24 26 56 99 99 99 99 99 47 66 99 99 99 99 99 99 99 99 99 99 " +
      "99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99 99",
  ),
];

/** Codes of luminance DC, chrominance DC, luminance AC, chrominance AC. Source: T.81 tables K.3 to K.6. */
export const STANDARD_CODES: readonly Codes[] = [
  codes("00010501010101010100000000000000", "000102030405060708090a0b"),
  codes("00030101010101010101010000000000", "000102030405060708090a0b"),
  codes(
    "0002010303020403050504040000017d",
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a343536373839" +
      "3a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6" +
      "a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa",
  ),
  codes(
    "00020102040403040705040400010277",
    "0001020311040521310612415107617113223281081442" +
      "91a1b1c109233352f0156272d10a162434e125f11718191a262728292a353637" +
      "38393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3" +
      "a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa",
  ),
];

function codes(counts: string, symbols: string): Codes {
  return { counts: bytesOf(counts), symbols: bytesOf(symbols) };
}

/** Numbers written with spaces between them. */
function numbers(text: string): readonly number[] {
  return text.split(" ").map(Number);
}

/** Bytes written as hexadecimal digits. */
function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(i * 2, i * 2 + 2), 16));
}
