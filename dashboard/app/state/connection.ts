import { Effect, Exit, Scope } from "effect"
import * as Remote from "effect-neuron/remote"
import * as RemoteBrowser from "effect-neuron/remote/browser"
import { dashboard } from "../training/definition.ts"
import type { Offer } from "../training/definition.ts"
import { offer } from "../training/offer.ts"
// oxlint-disable-next-line import/default -- Vite makes it
import TrainingWorker from "../training/worker.ts?worker"
import type { Remote as Client } from "./remote.ts"
import { about } from "./server.ts"

interface Connection {
  readonly client: Client
  /** What it computes with, as soon as something is to be computed. */
  backend: string | undefined
  readonly scope: Scope.Closeable
}

/** The worker of the page, or the one that its server has made of experiments of one's own. */
const spawn = (): Worker => {
  const { worker } = about.get()
  return worker === undefined ? new TrainingWorker() : new Worker(new URL(worker, location.href), { type: "module" })
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

/** The worker with a backend; one that has computed with another ends first. */
export const connect = async (backend?: string): Promise<Client> => {
  if (connection !== undefined && (connection.backend ?? backend) === backend) {
    connection.backend = backend
    return connection.client
  }
  await disconnect()
  const scope = Scope.makeUnsafe()
  const worker = RemoteBrowser.layerWorker(() => spawn())
  const client = await Effect.runPromise(
    Remote.connect(dashboard).pipe(Effect.provide(worker), Scope.provide(scope))
  )
  connection = { client, backend, scope }
  if (!offer.get().isKnown) offer.set({ ...await Effect.runPromise(client.about) as Offer, isKnown: true })
  return client
}

/** Asks something of a worker beside, which ends with the answer: what the worker of the page trains goes on. */
export const askAside = <A, E>(question: (client: Client) => Effect.Effect<A, E>): Promise<A> =>
  Remote.connect(dashboard).pipe(
    Effect.provide(RemoteBrowser.layerWorker(() => spawn())),
    Effect.flatMap(question),
    Effect.scoped,
    Effect.runPromise
  )

/** Whether a failure leaves a worker of no use: one that is lost, or whose GPU is. */
export const isLoss = (cause: unknown): boolean =>
  ["WorkerLost", "DeviceError"].includes((cause as { readonly _tag?: string } | undefined)?._tag ?? "")
