import { Initializers, Layers } from "effect-neuron"
import { IMAGE, IMAGES, LAST_KNOWN } from "./line.ts"
import type { Line, Lines } from "./line.ts"

const { avgPool2d, conv2d, conv2dTranspose, maxPool2d, upsample2d } = Layers

const image = { input: [6, 5, 2], open: [null, null, 2] }

const pool = (layer: Layers.Any): Line => ({
  ...{ ...image, layer, output: [3, 1, 2] },
  wrong: [
    [[8, 8], IMAGE],
    [[2, 8, 8, 1], IMAGE],
    [[1, 8, 1], `a height and width of at least 2x3 for padding "valid"`]
  ],
  wrongBatch: [
    [[3, 6, 5], IMAGES],
    [[1, 1, 9, 2], "images of at least 2 x 3 for its window"]
  ]
})

const globalPool = (layer: Layers.Any): Line => ({
  ...{ ...image, layer, output: [2] },
  wrong: [[[3], IMAGE], [[], IMAGE]],
  wrongBatch: [[[3, 6, 5], IMAGES]]
})

const filter = `${IMAGES} and a filter [filterHeight, filterWidth`

/** Kinds that take images. */
export const images = {
  avgPool2d: {
    "avgPool2d(2x3)": pool(avgPool2d([2, 3])),
    "avgPool2d(3x3, strides 2x2, same)": {
      ...{ ...image, layer: avgPool2d({ poolSize: 3, strides: 2, padding: "same" }), output: [3, 3, 2] }
    }
  },
  conv2d: {
    "conv2d(3, 3x3)": {
      ...{ ...image, layer: conv2d({ filters: 3, kernelSize: 3 }), output: [6, 5, 3] },
      wrong: [[[784], IMAGE], [[8, 8, null], `${IMAGE}, ${LAST_KNOWN}`]],
      wrongBatch: [
        [[3, 6, 5], `conv2d expects ${filter}, channels, filters], got [3, 6, 5] and [3, 3, 2, 3]`],
        [[3, 6, 5, 3], `conv2d expects ${filter}, channels, filters], got [3, 6, 5, 3] and [3, 3, 2, 3]`]
      ]
    },
    "conv2d(2, 5x3, strides 2x3, no bias)": {
      layer: conv2d({ filters: 2, kernelSize: [5, 3], strides: [2, 3], bias: false }),
      ...{ ...image, output: [3, 2, 2] }
    },
    "conv2d(2, 3x2, strides 2x2, valid)": {
      layer: conv2d({ filters: 2, kernelSize: [3, 2], strides: 2, padding: "valid" }),
      ...{ ...image, output: [2, 2, 2] },
      wrongBatch: [[[1, 1, 9, 2], "conv2d expects images of at least 3 x 2 for its window, got [1, 1, 9, 2]"]]
    },
    "conv2d(2, 3x3, dilations 1x2, valid)": {
      layer: conv2d({
        ...{ filters: 2, kernelSize: 3, dilations: [1, 2], padding: "valid" },
        kernelInitializer: Initializers.orthogonal({ gain: 2 })
      }),
      ...{ ...image, output: [4, 1, 2] },
      wrong: [[[3, 4, 1], `a height and width of at least 3x5 for padding "valid"`]]
    }
  },
  conv2dTranspose: {
    "conv2dTranspose(3, 3x3)": {
      ...{ ...image, layer: conv2dTranspose({ filters: 3, kernelSize: 3 }), output: [6, 5, 3] },
      wrong: [[[784], IMAGE], [[8, 8, null], `${IMAGE}, ${LAST_KNOWN}`]],
      wrongBatch: [
        [[3, 6, 5], `conv2dTranspose expects ${filter}, filters, channels], got [3, 6, 5] and [3, 3, 3, 2]`],
        [[3, 6, 5, 3], `conv2dTranspose expects ${filter}, filters, channels], got [3, 6, 5, 3] and [3, 3, 3, 2]`]
      ]
    },
    "conv2dTranspose(4, 4x4, strides 2x3, no bias)": {
      layer: conv2dTranspose({ filters: 4, kernelSize: 4, strides: [2, 3], bias: false }),
      ...{ input: [3, 2, 1], output: [6, 6, 4], open: [null, null, 1] }
    },
    "conv2dTranspose(2, 5x2, strides 2x2, valid)": {
      layer: conv2dTranspose({
        ...{ filters: 2, kernelSize: [5, 2], strides: 2, padding: "valid" },
        kernelInitializer: Initializers.normal({ mean: 1, stddev: 0.5 }),
        biasInitializer: Initializers.constant(0.25)
      }),
      ...{ input: [3, 4, 2], output: [9, 8, 2], open: [null, null, 2] }
    },
    "conv2dTranspose(1, 1x1, strides 3x3, valid)": {
      layer: conv2dTranspose({ filters: 1, kernelSize: 1, strides: 3, padding: "valid" }),
      ...{ input: [2, 1, 2], output: [4, 1, 1], open: [null, null, 2] }
    }
  },
  globalAvgPool2d: { globalAvgPool2d: globalPool(Layers.globalAvgPool2d) },
  globalMaxPool2d: { globalMaxPool2d: globalPool(Layers.globalMaxPool2d) },
  maxPool2d: {
    "maxPool2d(2x3)": pool(maxPool2d([2, 3])),
    "maxPool2d(3x3, strides 1x2, same)": {
      ...{ ...image, layer: maxPool2d({ poolSize: 3, strides: [1, 2], padding: "same" }), output: [6, 3, 2] }
    }
  },
  upsample2d: {
    "upsample2d(2x2)": {
      ...{ layer: upsample2d(2), input: [3, 4, 2], output: [6, 8, 2], open: [null, null, 2] },
      wrong: [[[2, 8, 8, 1], IMAGE]],
      wrongBatch: [[[2, 3, 3], IMAGES]]
    },
    "upsample2d(1x3, bilinear)": {
      layer: upsample2d({ size: [1, 3], interpolation: "bilinear" }),
      ...{ input: [3, 4, 2], output: [3, 12, 2], open: [null, null, 2] }
    },
    "upsample2d(1x1, bilinear)": {
      ...{ layer: upsample2d({ size: 1, interpolation: "bilinear" }), input: [3, 1, 2], output: [3, 1, 2] }
    }
  }
} satisfies { readonly [kind: string]: Lines }
