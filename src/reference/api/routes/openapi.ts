import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { outputSchemas } from './output-schema.ts'

/** Collects the schemas of the routes that are added from now on; `api.swagger()` gives the OpenAPI document. */
export async function describeRoutes(api: FastifyInstance): Promise<void> {
  for (const schema of outputSchemas) api.addSchema(schema)
  // Answers are texts that SQLite has made: their schemas only describe them.
  api.setSerializerCompiler(() => (body) => JSON.stringify(body))
  await api.register(swagger, {
    openapi: {
      openapi: '3.0.3',
      info: {
        title: 'forgebench reference API',
        description: 'Prompts, their versions and their evaluations, to practise load on.',
        version: '1',
      },
    },
    refResolver: { buildLocalReference: ({ $id }) => $id as string },
  })
}
