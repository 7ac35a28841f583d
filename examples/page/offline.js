// A service worker that keeps all files of a build: vite.config.ts writes their names here.
const files = []
const name = `files ${files.join()}`

addEventListener("install", (event) => {
  event.waitUntil(caches.open(name).then((cache) => cache.addAll(["./", ...files])))
})

addEventListener("activate", (event) => {
  const old = (names) => names.filter((other) => other !== name)
  event.waitUntil(caches.keys().then((names) => Promise.all(old(names).map((other) => caches.delete(other)))))
})

addEventListener("fetch", (event) => {
  event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)))
})
