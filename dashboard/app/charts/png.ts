import { cssColor } from "./palette.ts"

const EDGE = 12, LINE = 20

/** A picture of a chart as a PNG file: its title above it and its lines, named, below. */
export const pngOf = async (
  chart: HTMLCanvasElement,
  title: string,
  lines: ReadonlyArray<{ readonly text: string; readonly color: string; readonly dash: ReadonlyArray<number> }>
): Promise<Uint8Array<ArrayBuffer>> => {
  const ratio = chart.width / (chart.clientWidth || chart.width), width = chart.width / ratio
  const height = chart.height / ratio, canvas = document.createElement("canvas")
  canvas.width = Math.round((width + 2 * EDGE) * ratio)
  canvas.height = Math.round((height + (lines.length + 1) * LINE + 2 * EDGE) * ratio)
  const context = canvas.getContext("2d")!
  context.scale(ratio, ratio)
  context.fillStyle = cssColor("--card")
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.fillStyle = cssColor("--text")
  context.font = "600 14px system-ui, sans-serif"
  context.fillText(title, EDGE, EDGE + 12)
  context.drawImage(chart, EDGE, EDGE + LINE, width, height)
  context.font = "12px system-ui, sans-serif"
  lines.forEach(({ color, dash, text }, i) => {
    const y = EDGE + height + (i + 1.7) * LINE
    context.strokeStyle = color
    context.lineWidth = 2
    context.setLineDash([...dash])
    context.beginPath()
    context.moveTo(EDGE, y - 4)
    context.lineTo(EDGE + 28, y - 4)
    context.stroke()
    context.fillText(text, EDGE + 36, y, width - 36)
  })
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"))
  if (blob === null) throw new Error("the picture is too large for this browser")
  return new Uint8Array(await blob.arrayBuffer())
}
