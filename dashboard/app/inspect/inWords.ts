import { NdArray } from "effect-neuron"
import type { View } from "../../../src/experiment/index.ts"
import { format } from "../charts/palette.ts"

/** What a target is, in a few words; nothing where it takes a picture. */
export const inWords = (y: NdArray.HostTree | undefined, view: View | undefined): string => {
  if (y === undefined || !NdArray.isNdArray(y) || view === undefined) return ""
  const { data } = y
  if (view.kind === "class") return view.classes[data[0]!] ?? String(data[0])
  if (view.kind === "row" && data.length <= 3) {
    return view.names.map((name, i) => `${data.length === 1 && name === "1" ? "" : `${name} `}${format(data[i])}`).join(
      ", "
    )
  }
  return ""
}
