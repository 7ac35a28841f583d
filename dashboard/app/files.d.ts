declare module "*?worker" {
  const TheWorker: new(options?: { readonly name?: string }) => Worker
  export default TheWorker
}
declare module "*.css"
