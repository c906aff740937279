import { randomUUID } from 'node:crypto'
import { not_found, problem } from './problem.js'
import * as schemas from './schemas.js'

const columns = Object.keys(schemas.approval.properties).join(', ')

function from_row(row) {
  row.metadata = JSON.parse(row.metadata)
  return row
}

// Who decides first decides: the UPDATE finds the approval only while it is pending. The lead's event
// is written in the same transaction.
export function approval_routes(app, db, write) {
  const get = db.prepare(`SELECT ${columns} FROM approvals WHERE tenant_id = ? AND id = ?`)
  const list_pending = db.prepare(`SELECT ${columns} FROM approvals
    WHERE tenant_id = ? AND status = 'pending' ORDER BY created_at, id LIMIT ?`)
  const insert = db.prepare(`INSERT INTO approvals (tenant_id, id, lead_id, type, channel, subject,
      content, ai_score, metadata, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING ${columns}`)
  const decide = db.prepare(`UPDATE approvals
    SET status = ?, reviewed_by = ?, reviewed_at = ?, rejection_reason = ?, updated_at = ?
    WHERE tenant_id = ? AND id = ? AND status = 'pending' RETURNING ${columns}`)
  const insert_event = db.prepare(`INSERT INTO events
      (tenant_id, id, lead_id, type, content, data, timestamp)
    VALUES (?, ?, ?, ?, NULL, ?, ?)`)

  const decide_with_event = db.transaction((tenant, id, status, by, reason) => {
    const now = new Date().toISOString()
    const row = decide.get(status, by, now, reason ?? null, now, tenant, id)
    if (row !== undefined) {
      const data = JSON.stringify({ approval_id: id, by, reason })
      insert_event.run(tenant, randomUUID(), row.lead_id, `approval.${status}`, data, now)
    }
    return row
  })

  function decision(status) {
    return (request, reply) => {
      const { tenant, params: { id } } = request
      write(() => decide_with_event(tenant, id, status, request.user, request.body?.reason),
        (error, row) => {
          if (error) return reply.send(error)
          if (row !== undefined) return reply.send(from_row(row))
          const decided = get.get(tenant, id)
          reply.send(decided === undefined ? not_found()
            : problem(409, 'conflict', `the approval is ${decided.status} since ${decided.reviewed_at}`, 'status'))
        })
    }
  }

  const one = { params: schemas.id_params, response: { 200: schemas.approval } }
  app.get('/api/approvals/pending', {
    schema: { querystring: schemas.limit_query, response: { 200: schemas.approvals } }
  }, (request, reply) => {
    reply.send({ approvals: list_pending.all(request.tenant, request.query.limit).map(from_row) })
  })
  app.get('/api/approvals/:id', { schema: one }, (request, reply) => {
    const row = get.get(request.tenant, request.params.id)
    reply.send(row ? from_row(row) : not_found())
  })
  app.post('/api/approvals', {
    schema: { body: schemas.approval_body, response: { 201: schemas.approval } }
  }, (request, reply) => {
    const { lead_id, type, channel, subject, content, ai_score, metadata } = request.body
    const now = new Date().toISOString()
    const values = [request.tenant, randomUUID(), lead_id, type, channel ?? null, subject ?? null,
      content ?? null, ai_score ?? null, JSON.stringify(metadata ?? {}), now, now]
    write(() => insert.get(values), (error, row) => {
      if (error) return reply.send(error)
      reply.code(201).send(from_row(row))
    })
  })
  app.post('/api/approvals/:id/approve', { schema: one }, decision('approved'))
  app.post('/api/approvals/:id/reject', {
    schema: { ...one, body: schemas.reject_body }
  }, decision('rejected'))
}
