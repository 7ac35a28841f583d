/** What is done at a click, and not again at the second of a double click. */
export const once = (act: () => unknown) => (event: MouseEvent): void => {
  if (event.detail <= 1) void act()
}
