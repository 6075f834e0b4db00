/** Name of the server that is meant where none is given. */
export const defaultServer = 'default'
