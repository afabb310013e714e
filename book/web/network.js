// The network: its files fetched with progress, ONNX Runtime Web on WebGPU or WebAssembly, and the
// two halves between which lambda enters.

/** @typedef {import("./types").Manifest} Manifest */
/** @typedef {import("./types").Runtime} Runtime */
/** @typedef {import("./types").Served} Served */
/** @typedef {import("./types").Size} Size */
/** @typedef {import("./types").Chroma} Chroma */
/** @typedef {import("onnxruntime-web")} Ort */
/** @typedef {import("onnxruntime-web").InferenceSession} Session */
/** @typedef {Record<string, import("onnxruntime-web").Tensor>} Tensors */

const HERE = new URL("./", import.meta.url);

export class Network {
  /**
   * @param {Ort} ort
   * @param {Session} encoder
   * @param {Session} decoder
   * @param {string} backend "webgpu" or "wasm"
   */
  constructor(ort, encoder, decoder, backend) {
    this.ort = ort;
    this.encoder = encoder;
    this.decoder = decoder;
    this.takesLambda = decoder.inputNames.includes("lam");
    this.backend = backend;
  }

  /**
   * What the decoder needs of a photo, whatever lambda.
   * @param {Float32Array} luma L* / 100, row by row
   * @param {Size} size
   * @returns {Promise<Tensors>}
   */
  async encode(luma, { high, wide }) {
    const input = new this.ort.Tensor("float32", luma, [1, 1, high, wide]);
    return { ...(await this.encoder.run({ luma: input })), luma: input };
  }

  /**
   * @param {Tensors} encoded
   * @param {number} lam
   * @returns {Promise<Chroma>}
   */
  async decode(encoded, lam) {
    const inputs = { ...encoded };
    if (this.takesLambda) inputs.lam = new this.ort.Tensor("float32", [lam], [1]);
    const { chroma } = await this.decoder.run(inputs);
    const [, , high, wide] = chroma.dims;
    return { high, wide, data: /** @type {Float32Array} */ (chroma.data) };
  }
}

/**
 * A loader that loads once, and again where it failed.
 * @template T
 * @param {() => Promise<T>} load
 */
export function once(load) {
  /** @type {Promise<T> | null} */
  let loading = null;
  return () => (loading ??= load().catch((error) => {
    loading = null;
    throw error;
  }));
}

/**
 * Fetch what is needed and start it, on the graphics card where the browser can.
 * @param {(share: number) => void} progress told the share of bytes that have come
 */
export async function loadNetwork(progress) {
  /** @type {Manifest} */
  const manifest = await (await get("manifest.json")).json();
  const gpu = await hasGpu();
  try {
    return await start(manifest, gpu ? "webgpu" : "wasm", progress);
  } catch (error) {
    if (!gpu) throw error;
    return start(manifest, "wasm", progress); // it promised more than it holds
  }
}

async function hasGpu() {
  // The runtime's build for WebGPU waits inside WebAssembly, which not every browser can.
  if (!("gpu" in navigator) || !("Suspending" in WebAssembly)) return false;
  const gpu = /** @type {{ requestAdapter(): Promise<unknown> }} */ (navigator.gpu);
  return Boolean(await gpu.requestAdapter());
}

/**
 * @param {Manifest} manifest
 * @param {"webgpu" | "wasm"} backend
 * @param {(share: number) => void} progress
 */
async function start(manifest, backend, progress) {
  const runtime = manifest[backend];
  const files = [runtime.binary, manifest.encoder, manifest.decoder];
  const total = files.reduce((sum, file) => sum + file.bytes, 0);
  let done = 0;
  const count = (/** @type {number} */ bytes) => progress((done += bytes) / total);
  const [binary, ...halves] = await Promise.all(files.map(({ file }) => fetchBytes(file, count)));
  /** @type {Ort} */
  const ort = await import(new URL(runtime.module, HERE).href);
  ort.env.wasm.numThreads = 1; // more would need headers that plain hosts don't send
  ort.env.wasm.wasmBinary = await gunzip(binary);
  const options = { executionProviders: [backend] };
  const encoder = await ort.InferenceSession.create(halves[0], options);
  const decoder = await ort.InferenceSession.create(halves[1], options);
  const network = new Network(ort, encoder, decoder, backend);
  if (backend === "webgpu") await Promise.race([tryOut(network), tooLate()]);
  return network;
}

/** @param {Network} network */
async function tryOut(network) {
  await network.decode(await network.encode(new Float32Array(32 * 32), { high: 32, wide: 32 }), 1);
}

/** A graphics card simulated by the processor is slower than WebAssembly. @returns {Promise<never>} */
const tooLate = () =>
  new Promise((_, reject) => setTimeout(reject, 5000, new Error("the graphics card is slow")));

/** @param {string} file */
async function get(file) {
  const answer = await fetch(new URL(file, HERE));
  if (!answer.ok) throw new Error(`${file} did not come (${answer.status})`);
  return answer;
}

/**
 * @param {string} file
 * @param {(bytes: number) => void} count called as bytes come
 */
async function fetchBytes(file, count) {
  const { body } = await get(file);
  if (!body) throw new Error(`${file} is empty`);
  const parts = [];
  for (const reader = body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    count(value.length);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/**
 * Unpacked, unless the host's server has done that already.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function gunzip(bytes) {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.buffer;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}
