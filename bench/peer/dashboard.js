import * as schemas from './schemas.js'

const statuses = schemas.status.enum
const stages = statuses.filter(status => status !== 'closed')
const days_of = { day: 1, week: 7, month: 30 }
const sources_max = 20
const ms_per_day = 86_400_000

const date_of = ms => new Date(ms).toISOString().slice(0, 10)

// GET /api/dashboard. Each figure comes from one pass over an index, never from the table: the trend
// too, which is why it names every status, since the index has the status before the time. One
// transaction, so that they are of one moment and the file is locked once.
export function dashboard_routes(app, db) {
  const by_status = db.prepare(
    'SELECT status, count(*) AS n FROM leads WHERE tenant_id = ? GROUP BY status')
  const by_source = db.prepare(`SELECT source, count(*) AS count FROM leads WHERE tenant_id = ?
    GROUP BY source ORDER BY count DESC, source LIMIT ${sources_max}`)
  const by_day = db.prepare(`SELECT substr(created_at, 1, 10) AS date, count(*) AS created,
      sum(status = 'converted') AS converted
    FROM leads
    WHERE tenant_id = ? AND status IN (${statuses.map(status => `'${status}'`)}) AND created_at >= ?
    GROUP BY date`)
  const pending = db.prepare(
    "SELECT count(*) FROM approvals WHERE tenant_id = ? AND status = 'pending'").pluck()
  const newest_events = db.prepare(`SELECT id, lead_id, type, content, data, timestamp FROM events
    WHERE tenant_id = ? ORDER BY timestamp DESC, id DESC LIMIT 10`)

  const read = db.transaction((tenant, first_day) => ({
    statuses: by_status.all(tenant),
    sources: by_source.all(tenant),
    days: by_day.all(tenant, first_day),
    pending: pending.get(tenant),
    events: newest_events.all(tenant)
  }))

  function trend(rows, first_ms, days) {
    const known = new Map(rows.map(row => [row.date, row]))
    return Array.from({ length: days }, (_, i) => {
      const date = date_of(first_ms + i * ms_per_day)
      return known.get(date) ?? { date, created: 0, converted: 0 }
    })
  }

  app.get('/api/dashboard', {
    schema: { querystring: schemas.dashboard_query, response: { 200: schemas.dashboard } }
  }, (request, reply) => {
    const { timeframe } = request.query
    const days = days_of[timeframe]
    const first_ms = Date.now() - (days - 1) * ms_per_day
    const rows = read(request.tenant, date_of(first_ms))

    const counts = Object.fromEntries(statuses.map(status => [status, 0]))
    let total = 0
    for (const { status, n } of rows.statuses) {
      counts[status] = n
      total += n
    }
    let further = 0
    const funnel = [...stages].reverse().map(stage => ({ stage, count: (further += counts[stage]) }))
    const daily = trend(rows.days, first_ms, days)
    for (const event of rows.events) event.data = JSON.parse(event.data)
    reply.send({
      timeframe,
      totalLeads: total,
      newLeads: daily.reduce((sum, day) => sum + day.created, 0),
      activeLeads: counts.new + counts.contacted + counts.qualified,
      pendingApprovals: rows.pending,
      conversionRate: total === 0 ? 0 : Math.round(10_000 * counts.converted / total) / 100,
      leadsByStatus: counts,
      funnel: funnel.reverse(),
      leadsBySource: rows.sources,
      otherSources: total - rows.sources.reduce((sum, source) => sum + source.count, 0),
      dailyTrend: daily,
      recentActivity: rows.events
    })
  })
}
