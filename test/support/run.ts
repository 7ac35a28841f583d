import { execFile } from "node:child_process"

/** What a command prints; fails with all that it printed when it fails. */
export const run = (cwd: string, command: string, ...args: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve, reject) =>
    execFile(
      command,
      args,
      { cwd, maxBuffer: 1 << 26 },
      (failure, out, err) =>
        failure === null ? resolve(out) : reject(new Error([failure.message, out, err].join("\n"), { cause: failure }))
    )
  )
