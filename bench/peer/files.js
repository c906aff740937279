import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { columns_of, file_columns } from './columns.js'
import { csv_field, row_batches } from './csv.js'
import { columns, from_row, to_column, writable_columns } from './leads.js'
import { problem } from './problem.js'
import * as schemas from './schemas.js'

// A batch is a transaction, and a page a query: long enough to cost little each, short enough that
// other requests wait some hundredths of a second for it.
const batch_rows = 1000
const page_rows = 1000
const refused_max = 1000

const parsers = { tags: text => text.split(';'), metadata: JSON.parse, score: Number }
const time = text => new Date(text).toISOString()

function import_route(app, db) {
  const insert = db.prepare(`INSERT INTO leads (tenant_id, ${columns})
    VALUES (?${', ?'.repeat(writable_columns.length + 3)}) ON CONFLICT DO NOTHING`)

  function lead_of(row, names) {
    if (row.length !== names.length) throw new Error(`${row.length} fields instead of ${names.length}`)
    const lead = {}
    row.forEach((field, i) => {
      if (field !== '') lead[names[i]] = parsers[names[i]]?.(field) ?? field
    })
    return lead
  }

  function values_of(tenant, lead, now) {
    const values = [tenant, lead.id ?? randomUUID()]
    for (const name of writable_columns) {
      values.push(to_column(name, lead[name] ?? schemas.defaults[name] ?? null))
    }
    values.push(lead.created_at ? time(lead.created_at) : now, lead.updated_at ? time(lead.updated_at) : now)
    return values
  }

  // What is wrong with a row refuses that row alone.
  const insert_batch = db.transaction((tenant, batch, names, validate, report) => {
    const now = new Date().toISOString()
    for (const row of batch) {
      report.rows += 1
      try {
        const lead = lead_of(row, names)
        if (!validate(lead)) throw new Error(validate.errors[0].message)
        const { changes } = insert.run(values_of(tenant, lead, now))
        report[changes === 1 ? 'imported' : 'unchanged'] += 1
      } catch (error) {
        report.refused_rows += 1
        if (report.refused.length < refused_max) {
          report.refused.push({ line: report.rows + 1, reason: error.message })
        }
      }
    }
  })

  app.addContentTypeParser('text/csv', (request, payload, done) => { done(null, payload) })
  app.post('/api/leads/import', { schema: { response: { 200: schemas.import_report } } },
    async request => {
      const validate = request.compileValidationSchema(schemas.import_row)
      const report = { dry_run: false, rows: 0, imported: 0, unchanged: 0, refused_rows: 0, refused: [] }
      let names
      for await (const batch of row_batches(request.body, batch_rows)) {
        try {
          names ??= columns_of(batch.shift())
        } catch (error) {
          throw problem(400, 'bad_file', error.message)
        }
        insert_batch(request.tenant, batch, names, validate, report)
        await setImmediate()
      }
      return report
    })
}

const csv_header = Object.keys(file_columns).join(',') + '\n'
const csv_columns = Object.values(file_columns)

function csv_line(row) {
  row.tags = row.tags === '[]' ? '' : JSON.parse(row.tags).join(';')
  return csv_columns.map(name => csv_field(row[name])).join(',') + '\n'
}

function export_route(app, db) {
  const page = db.prepare(`SELECT ${columns} FROM leads
    WHERE tenant_id = ? AND (created_at, id) > (?, ?) ORDER BY created_at, id LIMIT ${page_rows}`)

  async function* texts(tenant, header, line) {
    yield header
    for (let after = ['', '']; ;) {
      const rows = page.all(tenant, ...after)
      if (rows.length === 0) return
      after = [rows.at(-1).created_at, rows.at(-1).id]
      yield rows.map(line).join('')
      await setImmediate()
    }
  }

  app.get('/api/leads/export', { schema: { querystring: schemas.export_query } }, (request, reply) => {
    if (request.query.format === 'csv') {
      reply.type('text/csv; charset=utf-8')
      return reply.send(Readable.from(texts(request.tenant, csv_header, csv_line)))
    }
    const print = reply.compileSerializationSchema(schemas.lead)
    reply.type('application/x-ndjson')
    reply.send(Readable.from(texts(request.tenant, '', row => print(from_row(row)) + '\n')))
  })
}

// POST /api/leads/import and GET /api/leads/export, both streamed.
export function file_routes(app, db) {
  import_route(app, db)
  export_route(app, db)
}
