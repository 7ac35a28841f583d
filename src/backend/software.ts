/** What can be chosen about a backend that computes on a GPU. */
export interface GpuOptions {
  /** Whether a GPU that the processor plays is taken too. The default is false: wasm is many times faster. */
  readonly software?: boolean
}

// SwiftShader of Chromium, llvmpipe and softpipe of Mesa, WARP of Windows, the renderer of macOS.
const SOFTWARE = /swiftshader|llvmpipe|softpipe|swrast|microsoft basic render|software/i

/** Fails where the name of a renderer is that of a program for the processor. */
export const assertHardware = (renderer: string): void => {
  if (SOFTWARE.test(renderer)) {
    throw new Error(`the processor plays the GPU here (${renderer}), and wasm is faster; { software: true } takes it`)
  }
}
