import type { ComponentChildren } from "preact"
import { useEffect, useRef, useState } from "preact/hooks"

/** Where the page has one column: as in the style sheets. */
const narrow = matchMedia("(max-width: 50em)")

export const useNarrow = (): boolean => {
  const [is, set] = useState(narrow.matches)
  useEffect(() => {
    const listen = () => set(narrow.matches)
    narrow.addEventListener("change", listen)
    return () => narrow.removeEventListener("change", listen)
  }, [])
  return is
}

/** A button that opens a sheet with a form; the sheet goes when the form is sent, or when it is left. */
export const Drawer = ({ children, name }: { readonly name: string; readonly children: ComponentChildren }) => {
  const sheet = useRef<HTMLDialogElement>(null), [isOpen, setOpen] = useState(false)
  const close = () => sheet.current!.close()
  useEffect(() => {
    if (isOpen) sheet.current!.showModal()
  }, [isOpen])
  return (
    <>
      <button type="button" class="primary" aria-haspopup="dialog" onClick={() => setOpen(true)}>{name}</button>
      <dialog
        ref={sheet}
        class="drawer"
        aria-label={name}
        onClose={() => setOpen(false)}
        onSubmit={close}
        onClick={(event) => {
          // What is beside the sheet is a part of it to the browser.
          if (event.target === sheet.current) close()
        }}
      >
        {isOpen
          ? (
            <>
              {children}
              <button type="button" class="close" aria-label="Close" onClick={close}>×</button>
            </>
          )
          : null}
      </dialog>
    </>
  )
}
