import { randomUUID } from 'node:crypto'
import { not_found, problem } from './problem.js'
import * as schemas from './schemas.js'

export const writable_columns = Object.keys(schemas.writable)
export const columns = ['id', ...writable_columns, 'created_at', 'updated_at'].join(', ')
const filters = ['status', 'city', 'source', 'property_type', 'assigned_agent']
const searched = ['first_name', 'last_name', 'email'].map(c => `coalesce(${c}, '')`).join(" || ' ' || ")
const json_columns = new Set(['tags', 'metadata'])

// One prepared statement per shape of a statement, made when the shape is first seen. Shapes come
// from the schemas above, so there are few.
function statements(db) {
  const prepared = new Map()
  return sql => {
    let statement = prepared.get(sql)
    if (statement === undefined) prepared.set(sql, (statement = db.prepare(sql)))
    return statement
  }
}

export function from_row(row) {
  row.tags = row.tags === '[]' ? [] : JSON.parse(row.tags)
  row.metadata = row.metadata === '{}' ? {} : JSON.parse(row.metadata)
  return row
}

export function to_column(name, value) {
  if (json_columns.has(name)) return JSON.stringify(value)
  return name === 'email' && value ? value.toLowerCase() : value
}

const cursor = row => Buffer.from(`${row.created_at} ${row.id}`).toString('base64url')
function parse_cursor(text) {
  const parts = Buffer.from(text, 'base64url').toString().split(' ')
  if (parts.length !== 2) throw problem(400, 'bad_cursor', 'after is not a cursor of this server', 'after')
  return parts
}

// The page and its true total. `tenant_id` is the first predicate of both statements, always.
function list(statement, tenant, query) {
  let where = 'tenant_id = ?'
  const values = [tenant]
  for (const name of filters) {
    if (query[name] === undefined) continue
    where += ` AND ${name} = ?`
    values.push(query[name])
  }
  if (query.search !== undefined) {
    where += ` AND instr(lower(${searched}), ?) > 0`
    values.push(query.search.toLowerCase())
  }
  const total = statement(`SELECT count(*) FROM leads WHERE ${where}`).pluck().get(values)

  const sort = query.sort ?? '-created_at'
  const by_time = sort.endsWith('created_at')
  const descending = sort.startsWith('-')
  const direction = descending ? 'DESC' : 'ASC'
  let tail = ''
  if (query.after !== undefined) {
    if (!by_time) throw problem(400, 'bad_cursor', 'after needs sort by created_at', 'after')
    where += ` AND (created_at, id) ${descending ? '<' : '>'} (?, ?)`
    values.push(...parse_cursor(query.after))
  }
  values.push(query.limit)
  if (query.offset !== undefined) {
    tail = ' OFFSET ?'
    values.push(query.offset)
  }
  const order = `${descending ? sort.slice(1) : sort} ${direction}, id ${direction}`
  const rows = statement(
    `SELECT ${columns} FROM leads WHERE ${where} ORDER BY ${order} LIMIT ?${tail}`).all(values)
  const more = by_time && rows.length === query.limit
  return { leads: rows.map(from_row), total, next: more ? cursor(rows[rows.length - 1]) : null }
}

export function lead_routes(app, db, write) {
  const statement = statements(db)
  const get = db.prepare(`SELECT ${columns} FROM leads WHERE tenant_id = ? AND id = ?`)
  const insert = db.prepare(`INSERT INTO leads (tenant_id, ${columns})
    VALUES (?${', ?'.repeat(writable_columns.length + 3)})`)
  const remove = db.prepare('DELETE FROM leads WHERE tenant_id = ? AND id = ?')
  const one = { params: schemas.id_params, response: { 200: schemas.lead } }

  app.get('/api/leads', {
    schema: { querystring: schemas.list_query, response: { 200: schemas.lead_page } }
  }, (request, reply) => { reply.send(list(statement, request.tenant, request.query)) })

  app.get('/api/leads/:id', { schema: one }, (request, reply) => {
    const row = get.get(request.tenant, request.params.id)
    reply.send(row ? from_row(row) : not_found())
  })

  app.post('/api/leads', {
    schema: { body: schemas.create_body, response: { 201: schemas.lead } }
  }, (request, reply) => {
    const lead = { id: randomUUID(), ...schemas.defaults, ...request.body }
    lead.email = lead.email?.toLowerCase()
    lead.created_at = lead.updated_at = new Date().toISOString()
    const values = [request.tenant, lead.id]
    for (const name of writable_columns) values.push(to_column(name, lead[name] ?? null))
    values.push(lead.created_at, lead.updated_at)
    write(() => insert.run(values), error => {
      if (error) return reply.send(error)
      for (const name of writable_columns) lead[name] ??= null
      reply.code(201).send(lead)
    })
  })

  // Sets the named columns and answers the row as it is then.
  function update(request, reply, names, body) {
    const sets = names.map(name => `${name} = ?`).join(', ')
    const sql = `UPDATE leads SET ${sets}, updated_at = ? WHERE tenant_id = ? AND id = ? RETURNING ${columns}`
    const values = names.map(name => to_column(name, body[name] ?? null))
    values.push(new Date().toISOString(), request.tenant, request.params.id)
    write(() => statement(sql).get(values), (error, row) => {
      if (error) return reply.send(error)
      reply.send(row ? from_row(row) : not_found())
    })
  }
  app.patch('/api/leads/:id', { schema: { ...one, body: schemas.patch_body } }, (request, reply) => {
    update(request, reply, Object.keys(request.body).sort(), request.body)
  })
  app.put('/api/leads/:id', { schema: { ...one, body: schemas.create_body } }, (request, reply) => {
    update(request, reply, writable_columns, { ...schemas.defaults, ...request.body })
  })
  app.delete('/api/leads/:id', { schema: { params: schemas.id_params } }, (request, reply) => {
    write(() => remove.run(request.tenant, request.params.id), (error, result) => {
      if (error) return reply.send(error)
      if (result.changes === 0) return reply.send(not_found())
      reply.code(204).send()
    })
  })
}
