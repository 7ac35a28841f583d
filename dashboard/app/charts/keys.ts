/** What a key asks of a chart. */
export type Action =
  | { readonly kind: "move"; readonly by: number }
  | { readonly kind: "zoom"; readonly axis: "x" | "y"; readonly factor: number }
  | { readonly kind: "whole" }
  | { readonly kind: "outliers" }

const actions: { readonly [key: string]: Action } = {
  ArrowLeft: { kind: "move", by: -1 },
  ArrowRight: { kind: "move", by: 1 },
  PageUp: { kind: "move", by: -20 },
  PageDown: { kind: "move", by: 20 },
  Home: { kind: "move", by: -Infinity },
  End: { kind: "move", by: Infinity },
  "+": { kind: "zoom", axis: "x", factor: 0.5 },
  "=": { kind: "zoom", axis: "x", factor: 0.5 },
  "-": { kind: "zoom", axis: "x", factor: 2 },
  ArrowUp: { kind: "zoom", axis: "y", factor: 0.5 },
  ArrowDown: { kind: "zoom", axis: "y", factor: 2 },
  "0": { kind: "whole" },
  a: { kind: "outliers" }
}

/** What a key asks of a chart, if anything: with another one held down it is the browser's. */
export const actionOf = (
  { altKey, ctrlKey, key, metaKey }: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">
): Action | undefined => ctrlKey || metaKey || altKey ? undefined : actions[key]

/** The place among `count` that a key leads to from another one, or from the last where there is none yet. */
export const placeAfter = (from: number | undefined, by: number, count: number): number =>
  Math.max(0, Math.min(count - 1, (from ?? count - 1) + by))
