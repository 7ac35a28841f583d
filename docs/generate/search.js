// Finds names and pages as one types; the arrow keys choose, Enter goes there, "/" begins, Escape ends.
const field = document.getElementById("search"), list = document.getElementById("found")
let chosen = -1

// On a phone the text comes first: the navigation is opened by who wants it.
if (matchMedia("(max-width: 50rem)").matches) {
  for (const section of document.querySelectorAll(".site details")) section.open = false
}

const score = (name, query) => {
  const text = name.toLowerCase(), last = text.slice(text.lastIndexOf(".") + 1)
  if (last === query || text === query) return 0
  if (last.startsWith(query)) return 1
  if (text.startsWith(query)) return 2
  if (text.includes(query)) return 3
  return query.split(/\s+/).every((word) => text.includes(word)) ? 4 : 9
}

const choose = (i) => {
  const items = [...list.children]
  chosen = items.length === 0 ? -1 : (i + items.length) % items.length
  items.forEach((item, n) => item.setAttribute("aria-selected", n === chosen))
  if (chosen >= 0) {
    field.setAttribute("aria-activedescendant", items[chosen].id)
    items[chosen].scrollIntoView({ block: "nearest" })
  } else field.removeAttribute("aria-activedescendant")
}

const show = () => {
  const query = field.value.trim().toLowerCase()
  const found = query === "" ? [] : names
    .map(([name, path, about]) => ({ name, path, about, score: Math.min(score(name, query), about.toLowerCase().includes(query) ? 5 : 9) }))
    .filter(({ score }) => score < 9)
    .sort((a, b) => a.score - b.score || a.name.length - b.name.length)
    .slice(0, 12)
  list.replaceChildren(...found.map(({ about, name, path }, i) => {
    const item = document.createElement("li"), link = document.createElement("a"), text = document.createElement("span")
    item.id = `found-${i}`
    item.role = "option"
    link.href = root + path
    link.tabIndex = -1
    link.textContent = name
    text.textContent = about
    link.append(text)
    item.append(link)
    return item
  }))
  list.hidden = found.length === 0
  field.setAttribute("aria-expanded", String(found.length > 0))
  choose(0)
}

field.addEventListener("input", show)
field.addEventListener("focus", show)
field.addEventListener("blur", () => setTimeout(() => { list.hidden = true }, 150))
field.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault()
    choose(chosen + (event.key === "ArrowDown" ? 1 : -1))
  } else if (event.key === "Enter") list.children[chosen]?.querySelector("a").click()
  else if (event.key === "Escape") field.blur()
})
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== field) {
    event.preventDefault()
    field.focus()
  }
})
