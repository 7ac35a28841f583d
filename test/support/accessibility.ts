import axe from "axe-core"
import type { Page } from "playwright"

const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

// The engine's own, but for `ignoreLength`: a digit is all the text that many cells have, and its contrast counts.
const contrast = {
  ...{ ignoreUnicode: true, ignoreLength: true, ignorePseudo: false },
  ...{
    boldValue: 700,
    boldTextPt: 14,
    largeTextPt: 18,
    contrastRatio: { normal: { expected: 4.5 }, large: { expected: 3 } }
  },
  ...{ pseudoSizeThreshold: 0.25, shadowOutlineEmMax: 0.2, textStrokeEmMin: 0.03 }
}

/** What of WCAG 2.2, A and AA, and of good practice axe finds broken in a page, as it is now. */
const violations = async (page: Page): Promise<ReadonlyArray<string>> => {
  // It comes by the browser's protocol, which the page's content security policy does not concern.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source)
  return await page.evaluate(async ({ contrast, rules }) => {
    const { axe: engine } = globalThis as unknown as { readonly axe: typeof axe }
    engine.configure({ checks: [{ id: "color-contrast", options: contrast }] })
    const { violations } = await engine.run({ runOnly: rules, resultTypes: ["violations"] })
    return violations.flatMap(({ help, nodes }) =>
      nodes.map(({ failureSummary, html }) => `${help}: ${html} ${failureSummary}`)
    )
  }, { contrast, rules })
}

/** The same in light and dark, on a wide screen and on a phone. */
export const violationsInAllLooks = async (page: Page): Promise<ReadonlyArray<string>> => {
  const size = page.viewportSize()!, found: Array<string> = []
  for (const viewport of [{ width: 390, height: 844 }, size]) {
    await page.setViewportSize(viewport)
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme })
      for (const text of await violations(page)) found.push(`${colorScheme}, ${viewport.width} wide: ${text}`)
    }
  }
  return found
}
