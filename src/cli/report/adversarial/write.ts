export { writeReport as writeAdversarial } from "../../../experiment/report/write.ts"
