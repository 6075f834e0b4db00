/**
 * Raised whenever the same seed gives other rows than before: generator code, vocabulary, or a new faker.
 * Databases of another version are never taken from the cache.
 */
export const generatorVersion = 2
