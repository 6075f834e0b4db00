/** What is measured when nobody names a scenario: the index and UUID questions of the review. */
export const defaultScenarios: readonly string[] = [
  'indexes/composite',
  'indexes/covering',
  'indexes/partial',
  'keys/uuid-storage',
]

/** What is sent when nobody names a load profile. */
export const defaultProfile = 'load/prompts-api'
