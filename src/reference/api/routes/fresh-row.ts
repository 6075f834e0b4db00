import { newId } from './new-id.ts'
import { timestamp } from '../timestamp.ts'

/** Id and stored timestamp of a row that is made now. */
export function freshRow(): { readonly id: string; readonly now: string } {
  const nowMs = Date.now()
  return { id: newId(nowMs), now: timestamp(nowMs) }
}
