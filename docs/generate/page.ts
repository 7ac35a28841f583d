import hljs from "highlight.js/lib/core"
import bash from "highlight.js/lib/languages/bash"
import typescript from "highlight.js/lib/languages/typescript"
import { Marked } from "marked"
import { posix } from "node:path"

hljs.registerLanguage("typescript", typescript)
hljs.registerLanguage("bash", bash)

/** Text in HTML. */
export const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\"", "&quot;")

/** Code in HTML, its words colored. */
export const highlight = (code: string, language: string): string => {
  const name = /^(ts|typescript)/.test(language) ? "typescript" : /^(sh|bash)/.test(language) ? "bash" : undefined
  return name === undefined ? escape(code) : hljs.highlight(code, { language: name }).value
}

/** The anchor of a heading, as GitHub makes it. */
export const slug = (text: string): string => text.toLowerCase().replaceAll(/[^\w\s-]/g, "").replaceAll(/\s/g, "-")

/** Markdown as HTML. `link` may replace the address of a link. */
export const markdown = (text: string, link: (href: string) => string = (href) => href): string =>
  new Marked({
    renderer: {
      code: ({ lang = "", text }) => `<pre tabindex="0"><code>${highlight(text, lang)}</code></pre>\n`,
      heading({ depth, text, tokens }) {
        return `<h${depth} id="${slug(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`
      },
      link({ href, tokens }) {
        return `<a href="${escape(link(href))}">${this.parser.parseInline(tokens)}</a>`
      },
      table(token) {
        const cell = (name: "td" | "th", content: typeof token.header[number]) =>
          `<${name}${content.align ? ` align="${content.align}"` : ""}>${
            this.parser.parseInline(content.tokens)
          }</${name}>`
        const row = (name: "td" | "th", cells: typeof token.header) =>
          `<tr>${cells.map((content) => cell(name, content)).join("")}</tr>`
        return `<div class="table" tabindex="0"><table><thead>${row("th", token.header)}</thead><tbody>${
          token.rows.map((cells) => row("td", cells)).join("")
        }</tbody></table></div>\n`
      }
    }
  }).parse(text) as string

/** A link in the navigation. */
export interface Item {
  readonly title: string
  readonly path: string
}

/** Links that belong together in the navigation. */
export interface Section {
  readonly title: string
  readonly items: ReadonlyArray<Item>
}

/** A page of the site, at `path` below its root. */
export interface Page {
  readonly path: string
  readonly title: string
  readonly body: string
  /** Links to parts of the page. */
  readonly parts?: ReadonlyArray<{ readonly title: string; readonly anchor: string }>
}

const relative = (from: string, to: string): string => posix.relative(posix.dirname(from), to)

/** The whole of a page, with the navigation of its site. */
export const shell = (page: Page, navigation: ReadonlyArray<Section>): string => {
  const to = (path: string) => relative(page.path, path)
  const section = ({ items, title }: Section) =>
    `<details${items.some(({ path }) => path === page.path) ? " open" : ""}><summary>${escape(title)}</summary><ul>${
      items.map(({ path, title }) =>
        `<li><a href="${to(path)}"${path === page.path ? ` aria-current="page"` : ""}>${escape(title)}</a></li>`
      ).join("")
    }</ul></details>`
  const parts = page.parts === undefined || page.parts.length < 2
    ? ""
    : `<nav class="parts" aria-label="On this page"><h2>On this page</h2><ul>${
      page.parts.map(({ anchor, title }) => `<li><a href="#${anchor}">${escape(title)}</a></li>`).join("")
    }</ul></nav>`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(page.title)} · effect-neuron</title>
<link rel="stylesheet" href="${to("style.css")}">
<script>var root = ${JSON.stringify(to("index.html").replace(/index\.html$/, ""))}</script>
<script src="${to("names.js")}" defer></script>
<script src="${to("search.js")}" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the text</a>
<header>
<a class="home" href="${to("index.html")}">effect-neuron</a>
<form role="search" onsubmit="return false">
<input id="search" type="search" placeholder="Search names and pages  /" aria-label="Search names and pages" autocomplete="off" role="combobox" aria-expanded="false" aria-controls="found">
<ul id="found" role="listbox" aria-label="Found" hidden></ul>
</form>
</header>
<div class="columns">
<nav class="site" aria-label="Pages">${navigation.map(section).join("")}</nav>
<main id="main">${page.body}</main>
${parts}
</div>
</body>
</html>
`
}
