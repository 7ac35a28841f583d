// The package's own types need names of Emscripten that it does not bring.
declare module "@jsquash/jpeg/codec/dec/mozjpeg_dec.js" {
  export interface Decoder {
    readonly decode: (
      bytes: Uint8Array,
      turned: boolean
    ) => { readonly data: Uint8ClampedArray; readonly width: number; readonly height: number } | null
  }
  const make: (options: {
    readonly noInitialRun: boolean
    readonly printErr: (line: string) => void
    readonly instantiateWasm?: (
      imports: WebAssembly.Imports,
      use: (instance: WebAssembly.Instance) => void
    ) => WebAssembly.Exports
  }) => Promise<Decoder>
  export { make as default }
}
