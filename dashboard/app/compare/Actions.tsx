import type { RunFolder } from "../../../src/cli/dashboard/runFolders.ts"
import { once } from "../controls/once.ts"
import { fork, open } from "../state/commands.ts"
import { openFolder, opening, whyNot } from "../state/fromFolder.ts"
import type { Weights } from "../state/fromFolder.ts"
import { canBegin } from "../state/life.ts"
import { about, addressOf } from "../state/server.ts"
import { session } from "../state/session.ts"
import { useStore } from "../state/store.ts"
import { offer } from "../training/offer.ts"
import type { Row } from "./rows.ts"

/** What can be done with a run of this browser; one that another tab has can be forked. */
export const PageActions = ({ isCurrent, isEdited, isMarked, mark, onEdit, row }: {
  readonly row: Row
  readonly isCurrent: boolean
  readonly isMarked: boolean
  readonly isEdited: boolean
  readonly mark: (isMarked: boolean) => void
  readonly onEdit: () => void
}) => {
  const isFree = useStore(session, canBegin), { id, isElsewhere, name, run } = row
  const isMine = !isCurrent && !isElsewhere, cannotTrain = !isFree || isMarked || run?.choice === undefined
  return (
    <div class="actions">
      {isMine
        ? (
          <button
            type="button"
            aria-label={`Open ${name}`}
            title="Go on with it here, from its last checkpoint"
            disabled={cannotTrain}
            onClick={once(() => open(id))}
          >
            Open
          </button>
        )
        : null}
      <button
        type="button"
        aria-label={`Fork ${name}`}
        title="Begin a new run with its last checkpoint"
        disabled={cannotTrain}
        onClick={once(() => fork(id))}
      >
        Fork
      </button>
      {isElsewhere ? null : (
        <button
          type="button"
          aria-label={`Rename ${name}`}
          title="Another name, or a note"
          disabled={isEdited || isMarked}
          onClick={onEdit}
        >
          Rename
        </button>
      )}
      {isMine
        ? (
          <button
            type="button"
            aria-label={`${isMarked ? "Keep" : "Forget"} ${name}`}
            onClick={() => mark(!isMarked)}
          >
            {isMarked ? "Keep" : "Forget"}
          </button>
        )
        : null}
    </div>
  )
}

/** Begins a run of the page with weights of a folder. One that cannot be opened says why, and says it aloud when asked. */
const OpenFolder = ({ folder, label, text, title, weights }: {
  readonly folder: RunFolder
  readonly weights: Weights
  readonly text: string
  readonly label: string
  readonly title: string
}) => {
  useStore(offer, (value) => value)
  useStore(about, (value) => value)
  const isFree = useStore(session, canBegin), current = useStore(opening, (value) => value)
  const problem = whyNot(folder)
  return (
    <button
      type="button"
      aria-label={label}
      title={problem ?? title}
      disabled={problem === undefined && (!isFree || current.folder !== undefined)}
      // It keeps the focus, so that its reason can be read.
      aria-disabled={problem !== undefined}
      aria-description={problem}
      aria-busy={current.folder === folder.name && current.weights === weights}
      onClick={once(() => openFolder(folder, weights))}
    >
      {text}
    </button>
  )
}

/** With what a run of the page can begin. */
const openings: ReadonlyArray<{
  readonly has: "hasWeights" | "hasBest"
  readonly weights: Weights
  readonly text: string
  /** Before the name of the run, for those who hear it alone. */
  readonly what: string
  readonly title: string
}> = [
  {
    has: "hasWeights",
    weights: "model.safetensors",
    text: "Open",
    what: "Open",
    title: "Begin a run here with its last checkpoint"
  },
  {
    has: "hasBest",
    weights: "best.safetensors",
    text: "Open best",
    what: "Open best weights of",
    title: "Begin a run here with its best checkpoint, by validation"
  }
]

/** What a run folder has to give. */
export const FolderActions = ({ row }: { readonly row: Row }) => {
  const { folder, name } = row
  if (folder === undefined) return null
  const at = (file: string) => addressOf(folder.name, file)
  return (
    <div class="actions">
      {folder.run === undefined ?
        null :
        openings.filter(({ has }) => folder[has]).map(({ what, weights, text, title }) => (
          <OpenFolder
            key={weights}
            folder={folder}
            weights={weights}
            text={text}
            label={`${what} ${name}`}
            title={title}
          />
        ))}
      {folder.hasReport
        ? <a href={at("report.html")} target="_blank" rel="noreferrer" aria-label={`Report of ${name}`}>Report</a>
        : null}
      {folder.hasWeights
        ? (
          <a href={at("model.safetensors")} download={`${folder.name}.safetensors`} aria-label={`Weights of ${name}`}>
            Weights
          </a>
        )
        : null}
      {folder.hasBest
        ? (
          <a
            href={at("best.safetensors")}
            download={`${folder.name}-best.safetensors`}
            aria-label={`Best weights of ${name}`}
          >
            Best
          </a>
        )
        : null}
    </div>
  )
}
