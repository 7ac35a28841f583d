import { ConfigProvider, Effect, Option } from "effect"

/** Reads MNIST from the folder that is given, as MNIST_DIR says it. */
export const withDataDir = (directory: Option.Option<string>) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Option.match(directory, {
    onNone: () => effect,
    onSome: (MNIST_DIR) =>
      Effect.updateService(
        effect,
        ConfigProvider.ConfigProvider,
        (provider) => ConfigProvider.orElse(ConfigProvider.fromUnknown({ MNIST_DIR }), provider)
      )
  })
