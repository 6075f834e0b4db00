import type { FastifyRequest } from 'fastify'

/** Query of a list: how many rows, and after which. */
export interface PageQuery {
  readonly limit?: string
  readonly cursor?: string
}

interface ById {
  readonly Params: { readonly id: string }
}

export type RequestById = FastifyRequest<ById>
export type PageRequestById = FastifyRequest<ById & { Querystring: PageQuery }>
export type ChangeById<Body> = FastifyRequest<ById & { Body: Body }>

/** The number of rows of a page; 20 unless asked otherwise. */
export const limitOf = ({ limit }: PageQuery): number => (limit === undefined ? 20 : Number(limit))
