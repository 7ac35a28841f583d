import { once } from "../controls/once.ts"
import { fork, open } from "../state/commands.ts"
import { canBegin } from "../state/life.ts"
import { session } from "../state/session.ts"
import { useStore } from "../state/store.ts"
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

/** What a run folder has to give. */
export const FolderActions = ({ row }: { readonly row: Row }) => {
  const { folder, name } = row
  if (folder === undefined) return null
  const at = (file: string) => `api/runs/${encodeURIComponent(folder.name)}/${file}`
  return (
    <div class="actions">
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
