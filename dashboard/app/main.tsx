import { render } from "preact"
import "uplot/dist/uPlot.min.css"
import { App } from "./App.tsx"
import { showFolder } from "./compare/followFolder.ts"
import { boot } from "./state/boot.ts"
import { settings } from "./state/settings.ts"
import "./style.css"
import "./charts/charts.css"
import "./compare/runs.css"
import "./views.css"
import "./show/show.css"
import "./language/language.css"

const root = document.querySelector("#app")!
root.replaceChildren()
// Not in the task that has read all the modules.
setTimeout(() => render(<App />, root))
void boot()
for (const folder of settings.get().folders) showFolder(folder)
