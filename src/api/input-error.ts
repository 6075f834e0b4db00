import type { FastifyError } from 'fastify'
import { ApiError } from './api-error.ts'

/** The first thing that is wrong with an input, in words; the code names the part of the request that it is in. */
export function inputError({ validation, validationContext }: Partial<FastifyError>): ApiError {
  const part = validationContext === 'querystring' ? 'query' : (validationContext ?? 'input')
  const [mistake] = validation ?? []
  const where = [part, ...(mistake?.instancePath ?? '').split('/').filter((step) => step !== '')].join('.')
  return new ApiError(400, `INVALID_${part.toUpperCase()}`, `${where} ${complaint(mistake)}`)
}

type Mistake = NonNullable<FastifyError['validation']>[number]

function complaint(mistake: Mistake | undefined): string {
  if (mistake === undefined) return 'is not valid'
  switch (mistake.keyword) {
    case 'additionalProperties':
      return `has the unknown field ${String(mistake.params['additionalProperty'])}`
    case 'required':
      return `lacks the field ${String(mistake.params['missingProperty'])}`
    case 'enum':
      return `must be one of ${String(mistake.params['allowedValues']).replaceAll(',', ', ')}`
    // There is one pattern: that of a limit.
    case 'pattern':
      return 'must be a whole number from 1 to 100'
    default:
      return mistake.message ?? 'is not valid'
  }
}
