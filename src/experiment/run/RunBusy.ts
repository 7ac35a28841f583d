import { Data } from "effect"

/** A run is written by somebody else already. */
export class RunBusy extends Data.TaggedError("RunBusy")<{
  readonly folder: string
  /** The process that writes it; absent in a browser, where it is another page or worker. */
  readonly holder?: { readonly pid: number; readonly host: string; readonly since: string }
  /** The file that says so. It can be removed when it is known that nobody writes. */
  readonly lock?: string
}> {
  override get message() {
    const way = this.lock === undefined ? "" : `; if that is gone, remove ${this.lock}`
    if (this.holder !== undefined) {
      const { host, pid, since } = this.holder
      return `${this.folder} is being written by process ${pid} on ${host} since ${since}${way}`
    }
    const who = this.lock === undefined
      ? "another page or worker of this browser"
      : "a process that its lock does not name"
    return `${this.folder} is being written by ${who}${way}`
  }
}
