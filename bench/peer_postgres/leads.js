import { randomUUID } from 'node:crypto'
import { problem } from '../peer/problem.js'
import * as schemas from '../peer/schemas.js'

const writable_columns = Object.keys(schemas.writable)
const columns = ['id', ...writable_columns, 'created_at', 'updated_at'].join(', ')
const filters = ['status', 'city', 'source', 'property_type', 'assigned_agent']
const searched = ['first_name', 'last_name', 'email'].map(c => `coalesce(${c}, '')`).join(" || ' ' || ")
const get = `SELECT ${columns} FROM leads WHERE tenant_id = $1 AND id = $2`
const insert = `INSERT INTO leads (tenant_id, ${columns})
  VALUES (${Array.from({ length: writable_columns.length + 4 }, (_, i) => `$${i + 1}`)})`
const not_found = () => problem(404, 'not_found', 'No such record')

function from_row(row) {
  if (row.score !== null) row.score = Number(row.score)
  return row
}

const to_column = (name, value) => name === 'email' && value ? value.toLowerCase() : value

const cursor = row => Buffer.from(`${row.created_at} ${row.id}`).toString('base64url')
function parse_cursor(text) {
  const parts = Buffer.from(text, 'base64url').toString().split(' ')
  if (parts.length !== 2) throw problem(400, 'bad_cursor', 'after is not a cursor of this server', 'after')
  return parts
}

// The statements of a page and of its true total. `tenant_id` is the first predicate of both, always.
function list(tenant, query) {
  const values = [tenant]
  const bind = value => `$${values.push(value)}`
  let where = 'tenant_id = $1'
  for (const name of filters) {
    if (query[name] !== undefined) where += ` AND ${name} = ${bind(query[name])}`
  }
  if (query.search !== undefined) {
    where += ` AND strpos(lower(${searched}), ${bind(query.search.toLowerCase())}) > 0`
  }
  const total = [`SELECT count(*)::int AS total FROM leads WHERE ${where}`, [...values]]

  const sort = query.sort ?? '-created_at'
  const descending = sort.startsWith('-')
  const direction = descending ? 'DESC' : 'ASC'
  if (query.after !== undefined) {
    if (!sort.endsWith('created_at')) {
      throw problem(400, 'bad_cursor', 'after needs sort by created_at', 'after')
    }
    const [time, id] = parse_cursor(query.after)
    where += ` AND (created_at, id) ${descending ? '<' : '>'} (${bind(time)}, ${bind(id)})`
  }
  let tail = `LIMIT ${bind(query.limit)}`
  if (query.offset !== undefined) tail += ` OFFSET ${bind(query.offset)}`
  const order = `${descending ? sort.slice(1) : sort} ${direction}, id ${direction}`
  return [[`SELECT ${columns} FROM leads WHERE ${where} ORDER BY ${order} ${tail}`, values], total]
}

export function lead_routes(app, run) {
  const one = { params: schemas.id_params, response: { 200: schemas.lead } }

  app.get('/api/leads', {
    schema: { querystring: schemas.list_query, response: { 200: schemas.lead_page } }
  }, async request => {
    const [rows, [{ total }]] = await run(request, ...list(request.claims.tenant, request.query))
    const by_time = (request.query.sort ?? 'created_at').endsWith('created_at')
    const more = by_time && rows.length === request.query.limit
    return { leads: rows.map(from_row), total, next: more ? cursor(rows[rows.length - 1]) : null }
  })

  app.get('/api/leads/:id', { schema: one }, async request => {
    const [[row]] = await run(request, [get, [request.claims.tenant, request.params.id]])
    if (!row) throw not_found()
    return from_row(row)
  })

  app.post('/api/leads', {
    schema: { body: schemas.create_body, response: { 201: schemas.lead } }
  }, async (request, reply) => {
    const lead = { id: randomUUID(), ...schemas.defaults, ...request.body }
    for (const name of writable_columns) lead[name] = to_column(name, lead[name] ?? null)
    lead.created_at = lead.updated_at = new Date().toISOString()
    const values = [lead.id, ...writable_columns.map(name => lead[name]), lead.created_at, lead.updated_at]
    await run(request, [insert, [request.claims.tenant, ...values]])
    reply.code(201)
    return lead
  })

  // Sets the named columns and answers the row as it is then.
  app.patch('/api/leads/:id', { schema: { ...one, body: schemas.patch_body } }, async request => {
    const names = Object.keys(request.body).sort()
    const values = names.map(name => to_column(name, request.body[name] ?? null))
    values.push(new Date().toISOString(), request.claims.tenant, request.params.id)
    const sets = [...names, 'updated_at'].map((name, i) => `${name} = $${i + 1}`).join(', ')
    const [[row]] = await run(request, [`UPDATE leads SET ${sets} WHERE tenant_id = $${names.length + 2}
      AND id = $${names.length + 3} RETURNING ${columns}`, values])
    if (!row) throw not_found()
    return from_row(row)
  })
}
