declare module "*.wasm?url" {
  const address: string
  export = address
}
