import { render } from "preact"
import "uplot/dist/uPlot.min.css"
import { App } from "./App.tsx"
import { boot } from "./state/boot.ts"
import { askAbout } from "./state/server.ts"
import "./style.css"

const root = document.querySelector("#app")!
root.replaceChildren()
render(<App />, root)
void askAbout()
void boot()
