/** Compiles a core module. @throws WebAssembly.CompileError; JavaScriptCore gives it no message for a module that is too large */
export function compile(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new WebAssembly.CompileError(`${error.message}: the module has ${bytes.length} bytes`);
  }
}
