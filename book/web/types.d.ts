/** Width, height and interleaved 8-bit RGBA: what ImageData is, without its class. */
export interface Picture {
  width: number;
  height: number;
  data: Uint8ClampedArray<ArrayBuffer>;
}

/** Height and width of what the network sees. */
export interface Size {
  high: number;
  wide: number;
}

/**
 * a* / 128 of all pixels, row by row, then b* / 128. With `slope`, both are linear in luma, in
 * [0, 1]: `slope` times it, plus `data`.
 */
export interface Chroma extends Size {
  data: Float32Array;
  slope?: Float32Array;
}

/** One number a pixel, row by row. */
export interface Plane extends Size {
  data: Float32Array;
}

/** Features of an encoder, from the network channel by channel. */
export interface Tap extends Size {
  channels: number;
  data: Float32Array;
}

/** The colour of one place: a disc in the photo's pixels, its colour sRGB in 0..255. */
export interface Hint {
  x: number;
  y: number;
  radius: number;
  rgb: [number, number, number];
}

/** Which of the colours (a*, b*) each pixel is told, counted from 1; 0 is none. */
export interface Painted {
  which: Uint16Array;
  colours: [number, number][];
}

/** Which pixels are told a colour, which one, and its a* and b*. */
export interface Marks {
  known: Uint8Array;
  which: Uint16Array;
  a: Float32Array;
  b: Float32Array;
}

/** A file of the page and how many bytes it has. */
export interface Served {
  file: string;
  bytes: number;
}

/** What the build left beside the page (manifest.json). */
export interface Manifest {
  model: string;
  head: string;
  encoder: Served;
  decoder: Served;
  wasm: Runtime;
  webgpu: Runtime;
}

/** A build of ONNX Runtime Web: its module, and its WebAssembly, gzipped. */
export interface Runtime {
  module: string;
  binary: Served;
}

/** From the page to the worker. `photo` numbers photos, so that late answers can be told. */
export type Ask =
  | { kind: "load" }
  | { kind: "open"; photo: number; file: Blob; lam: number }
  | { kind: "recolour"; photo: number; lam: number }
  | { kind: "save"; photo: number; lam: number; type: string };

/** From the worker to the page. Times are in milliseconds. */
export type Answer =
  | { kind: "loading"; share: number }
  | { kind: "loaded"; takesLambda: boolean; backend: string }
  | { kind: "opened"; photo: number; width: number; height: number; grey: ImageBitmap }
  | { kind: "coloured"; photo: number; lam: number; picture: ImageBitmap; took: number }
  | { kind: "saved"; photo: number; file: Blob }
  | { kind: "failed"; photo: number | null; message: string };

/** The same for the page "Tell it the colour". `turn` numbers what was asked of its photos. */
export type StrokesAsk =
  | { kind: "load"; photo: null }
  | { kind: "open"; photo: number; file: Blob }
  | { kind: "spread"; photo: number; turn: number; hints: Hint[]; method: string }
  | { kind: "suggest"; photo: number; x: number; y: number }
  | { kind: "save"; photo: number; type: string };

/** `pixels` is how many were solved, 0 where nothing was told; more come unless it is the `last`. */
export type StrokesAnswer =
  | { kind: "loading"; share: number }
  | { kind: "loaded"; backend: string }
  | { kind: "opened"; photo: number; width: number; height: number; grey: ImageBitmap }
  | {
      kind: "spread";
      photo: number;
      turn: number;
      picture: ImageBitmap;
      took: number;
      pixels: number;
      last: boolean;
    }
  | { kind: "likely"; photo: number; colours: [number, number, number][] }
  | { kind: "saved"; photo: number; file: Blob }
  | { kind: "failed"; photo: number | null; message: string };

/** The same for "What did it look at?". Boxes and places are in shares of the photo's sides. */
export type LookAsk =
  | { kind: "open"; photo: number; file: Blob }
  | {
      kind: "erase";
      photo: number;
      turn: number;
      box: [left: number, top: number, right: number, bottom: number];
    }
  | { kind: "listen"; photo: number; turn: number; x: number; y: number };

/** `moved` is in units of a* and b*, NaN in the box and where not known yet. */
export type LookAnswer =
  | { kind: "loading"; share: number }
  | { kind: "opened"; photo: number; width: number; height: number; grey: ImageBitmap }
  | { kind: "ready"; photo: number; backend: string; picture: ImageBitmap }
  | {
      kind: "erased";
      photo: number;
      turn: number;
      picture: ImageBitmap;
      took: number;
      moved: Plane;
      average: number;
      most: number;
      at: [number, number];
    }
  | {
      kind: "heard";
      photo: number;
      turn: number;
      took: number;
      moved: Plane;
      done: number;
      all: number;
    }
  | { kind: "failed"; photo: number | null; message: string };

declare global {
  /** From divider.js, which the page loads first. */
  function addDivider(stage: Element): () => void;
}
