import type { ComponentChildren } from "preact"

/** What may be wider than the page, to be moved by the keyboard too: the arrows scroll what has the focus. */
export const Scroll = ({ children, label }: { readonly label: string; readonly children: ComponentChildren }) => (
  <div class="scroll" role="group" aria-label={label} tabIndex={0}>{children}</div>
)
