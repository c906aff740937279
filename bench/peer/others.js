import { randomUUID } from 'node:crypto'
import { not_found } from './problem.js'
import * as schemas from './schemas.js'

export function event_routes(app, db, write) {
  const lead_exists = db.prepare('SELECT 1 FROM leads WHERE tenant_id = ? AND id = ?')
  const of_lead = db.prepare(`SELECT id, lead_id, type, content, data, timestamp FROM events
    WHERE tenant_id = ? AND lead_id = ? ORDER BY timestamp DESC LIMIT 100`)
  const insert = db.prepare(`INSERT INTO events (tenant_id, id, lead_id, type, content, data, timestamp)
    VALUES (?, ?, ?, ?, ?, ?, ?)`)

  app.get('/api/leads/:id/events', {
    schema: { params: schemas.id_params, response: { 200: schemas.events } }
  }, (request, reply) => {
    if (!lead_exists.get(request.tenant, request.params.id)) return reply.send(not_found())
    const rows = of_lead.all(request.tenant, request.params.id)
    for (const row of rows) row.data = JSON.parse(row.data)
    reply.send({ events: rows })
  })

  app.post('/api/events', {
    schema: { body: schemas.event_body, response: { 201: schemas.event } }
  }, (request, reply) => {
    const event = {
      id: randomUUID(), lead_id: null, content: null, data: {}, ...request.body,
      timestamp: new Date().toISOString()
    }
    const values = [request.tenant, event.id, event.lead_id, event.type, event.content,
      JSON.stringify(event.data), event.timestamp]
    write(() => insert.run(values), error => {
      if (error) return reply.send(error)
      reply.code(201).send(event)
    })
  })
}

export function agent_routes(app, db, write) {
  const columns = 'id, name, email, phone, brokerage, status, created_at, updated_at'
  const list = db.prepare(`SELECT ${columns} FROM agents WHERE tenant_id = ? ORDER BY name, id LIMIT 1000`)
  const get = db.prepare(`SELECT ${columns} FROM agents WHERE tenant_id = ? AND id = ?`)
  const insert = db.prepare(`INSERT INTO agents (tenant_id, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)

  app.get('/api/agents', { schema: { response: { 200: schemas.agents } } }, (request, reply) => {
    reply.send({ agents: list.all(request.tenant) })
  })
  app.get('/api/agents/:id', {
    schema: { params: schemas.id_params, response: { 200: schemas.agent } }
  }, (request, reply) => {
    reply.send(get.get(request.tenant, request.params.id) ?? not_found())
  })
  app.post('/api/agents', {
    schema: { body: schemas.agent_body, response: { 201: schemas.agent } }
  }, (request, reply) => {
    const now = new Date().toISOString()
    const agent = {
      id: randomUUID(), phone: null, brokerage: null, ...request.body,
      email: request.body.email.toLowerCase(), status: 'active', created_at: now, updated_at: now
    }
    const values = [request.tenant, agent.id, agent.name, agent.email, agent.phone, agent.brokerage,
      agent.status, now, now]
    write(() => insert.run(values), error => {
      if (error) return reply.send(error)
      reply.code(201).send(agent)
    })
  })
}
