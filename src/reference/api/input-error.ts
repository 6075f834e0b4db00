import type { FastifyError } from 'fastify'
import { ApiError } from './api-error.ts'
import { invalidCursor } from './cursor.ts'
import { malformed } from './query.ts'

/** The first thing that is wrong with an input, in words; the code names the part of the request that it is in. */
export function inputError({ validation, validationContext }: Partial<FastifyError>): ApiError {
  const part = validationContext === 'querystring' ? 'query' : (validationContext ?? 'input')
  const [mistake] = validation ?? []
  const where = [part, ...(mistake?.instancePath ?? '').split('/').filter((step) => step !== '')].join('.')
  // Members of a query are texts; one that is given more than once is a list.
  if (part === 'query' && mistake?.keyword === 'type') {
    return new ApiError(400, 'INVALID_QUERY', `${where} is given more than once; give it once`)
  }
  if (where === 'query.cursor') return invalidCursor()
  return new ApiError(400, `INVALID_${part.toUpperCase()}`, `${where} ${complaint(mistake)}`)
}

/** What is wrong with a number that stands alone in a column of JSON. */
export const beyondSixtyFourBits = 'is a number beyond 64 bits; put it into an array or object'

type Mistake = NonNullable<FastifyError['validation']>[number]

function complaint(mistake: Mistake | undefined): string {
  if (mistake === undefined) return 'is not valid'
  switch (mistake.keyword) {
    case 'additionalProperties':
      return mistake.params['additionalProperty'] === malformed
        ? 'has escapes that are not valid UTF-8'
        : `has the unknown field ${String(mistake.params['additionalProperty'])}`
    case 'required':
      return `lacks the field ${String(mistake.params['missingProperty'])}`
    case 'enum':
      return `must be one of ${String(mistake.params['allowedValues']).replaceAll(',', ', ')}`
    // There is one pattern but for that of a cursor: that of a limit.
    case 'type':
      // An integer beyond 2^53 is a bigint here, which is none to the validator.
      return mistake.params['type'] === 'integer'
        ? `must be integer from 0 to ${Number.MAX_SAFE_INTEGER}`
        : (mistake.message ?? 'is not valid')
    // There is one: that of a number which SQLite would round.
    case 'not':
      return beyondSixtyFourBits
    case 'pattern':
      return 'must be a whole number from 1 to 100'
    default:
      return mistake.message ?? 'is not valid'
  }
}
