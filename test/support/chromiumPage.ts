import { once } from "node:events"
import { existsSync, readFileSync, statSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { extname, join } from "node:path"
import { chromium as browsers } from "playwright"
import type { Browser, Page } from "playwright"
import { afterAll, beforeAll } from "vitest"
import { chromium, chromiumArguments } from "./chromium.ts"

const types: { readonly [extension: string]: string } = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm"
}

/**
 * Serves a folder below a path, as servers of pages do: with the page in place of what is not there. `headersOf` says
 * what else is said of an answer, by what the query asks for.
 */
export const serveFolder = async (
  folder: string,
  { headersOf = () => ({}), path = "/" }: {
    readonly headersOf?: (query: URLSearchParams) => { readonly [name: string]: string }
    readonly path?: string
  } = {}
) => {
  const server = createServer(({ url = "" }, response) => {
    const { pathname, searchParams } = new URL(url, "http://localhost"), asked = decodeURI(pathname)
    const file = join(folder, asked.startsWith(path) ? asked.slice(path.length) : "nothing")
    const found = existsSync(file) && statSync(file).isFile() ? file : join(folder, "index.html")
    response.writeHead(200, {
      "content-type": types[extname(found)] ?? "application/octet-stream",
      ...headersOf(searchParams)
    })
    response.end(readFileSync(found))
  }).listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

/** What a page has said on its console, and thrown, and what it has asked for. */
interface Said {
  readonly errors: Array<string>
  readonly requests: Array<string>
}

/** Opens a page in a browser, with nothing in it of what others have left, and closes it behind `use`. */
type InPage = <A>(use: (page: Page, said: Said) => Promise<A>) => Promise<A>

/** One Chromium for the tests of a file, which begins and ends with them. */
export const sharedChromium = (): InPage => {
  let browser: Browser | undefined
  beforeAll(async () => {
    browser = await browsers.launch({ executablePath: chromium!, args: chromiumArguments })
  })
  afterAll(() => browser?.close())
  return async (use) => {
    const context = await browser!.newContext()
    try {
      const page = await context.newPage()
      // As long as a test may take.
      page.setDefaultTimeout(360_000)
      const said: Said = { errors: [], requests: [] }
      page.on("pageerror", ({ message }) => said.errors.push(message))
      page.on("console", (message) => message.type() === "error" && said.errors.push(message.text()))
      page.on("request", (request) => said.requests.push(request.url()))
      return await use(page, said)
    } finally {
      await context.close()
    }
  }
}
