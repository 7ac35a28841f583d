import { Effect, Exit, Scope } from "effect"
import * as Remote from "effect-neuron/remote"
import * as RemoteBrowser from "effect-neuron/remote/browser"
import { dashboard } from "../training/definition.ts"
// oxlint-disable-next-line import/default -- Vite makes it
import TrainingWorker from "../training/worker.ts?worker"
import type { Remote as Client } from "./remote.ts"

interface Connection {
  readonly client: Client
  readonly backend: string
  readonly scope: Scope.Closeable
}

let connection: Connection | undefined

/** The client of the worker that there is. */
export const client = (): Client | undefined => connection?.client

/** Ends the worker; what was asked of it fails. */
export const disconnect = async (): Promise<void> => {
  const before = connection
  connection = undefined
  if (before !== undefined) await Effect.runPromise(Scope.close(before.scope, Exit.void))
}

/** The worker with a backend; one with another ends first. */
export const connect = async (backend: string): Promise<Client> => {
  if (connection?.backend === backend) return connection.client
  await disconnect()
  const scope = Scope.makeUnsafe()
  const worker = RemoteBrowser.layerWorker(() => new TrainingWorker({ name: backend }))
  const client = await Effect.runPromise(
    Remote.connect(dashboard).pipe(Effect.provide(worker), Scope.provide(scope))
  )
  connection = { client, backend, scope }
  return client
}

/** Whether a failure leaves a worker of no use: one that is lost, or whose GPU is. */
export const isLoss = (cause: unknown): boolean =>
  ["WorkerLost", "DeviceError"].includes((cause as { readonly _tag?: string } | undefined)?._tag ?? "")
