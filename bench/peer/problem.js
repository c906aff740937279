// An error that Fastify answers with: {"error": …, "code": …, "field": …}.
export function problem(status, code, message, field) {
  return Object.assign(new Error(message), { statusCode: status, code, field })
}

export const not_found = () => problem(404, 'not_found', 'No such record')

const violations = {
  SQLITE_CONSTRAINT_UNIQUE: 'unique', SQLITE_CONSTRAINT_PRIMARYKEY: 'unique', 23505: 'unique',
  SQLITE_CONSTRAINT_FOREIGNKEY: 'reference', 23503: 'reference'
}

// What a caught error means to the client. The database's own texts stay in the log.
export function render_problem(error, request, reply) {
  if (error.validation) {
    const field = error.validation[0].instancePath.slice(1) || error.validation[0].params?.missingProperty
    return reply.code(400).send({ error: error.message, code: 'bad_request', field })
  }
  const violated = violations[error.code]
  if (violated === 'unique') {
    return reply.code(409).send({ error: 'A record with this key exists', code: 'conflict' })
  }
  if (violated === 'reference') {
    return reply.code(409).send({ error: 'A record referred to does not exist', code: 'bad_reference' })
  }
  const status = error.statusCode ?? 500
  if (status >= 500) console.error(error)
  return reply.code(status).send(status >= 500
    ? { error: 'Internal error', code: 'internal' }
    : { error: error.message, code: error.code, field: error.field })
}
