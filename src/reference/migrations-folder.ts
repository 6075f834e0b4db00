import { fileURLToPath } from 'node:url'

/** The folder `migrations/` that comes with forgebench. */
export const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url))
