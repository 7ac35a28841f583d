import { backend, engine } from "@tensorflow/tfjs-core"
import type { KernelBackend } from "@tensorflow/tfjs-core"
import type { DeviceError } from "../core/errors.ts"

/** A processor that computes beside this thread: what is asked of it is done later, and it can fail as a whole. */
export interface Device {
  /** Whether it is gone, with all that was in its memory. */
  readonly isLost: () => boolean
  /** Comes to an end when the device is lost. */
  readonly lost: Promise<void>
  /** Whether its memory was not enough for what was asked of it; to ask waits for the device. */
  readonly isOutOfMemory: () => boolean
  readonly error: (reason: DeviceError["reason"]) => DeviceError
}

const devices = new WeakMap<KernelBackend, Device>()

/** Says that the backend in force computes on a device. */
export const useDevice = (device: Device): void => {
  devices.set(backend(), device)
}

/** The device of the backend in force; none where values lie in the memory of this thread. */
export const currentDevice = (): Device | undefined => {
  // Asking for the backend itself would start one where there is none.
  const { backendName, registry } = engine()
  return devices.get(registry[backendName]!)
}

/** What is wrong with a device that is lost. */
export const lostDevice = (): DeviceError | undefined => {
  const device = currentDevice()
  return device?.isLost() === true ? device.error("lost") : undefined
}
