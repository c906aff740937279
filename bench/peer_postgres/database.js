import postgres from 'postgres'
import { problem } from '../peer/problem.js'

const ranks = { viewer: 0, operator: 1, admin: 2, owner: 3 }
const standing = `
  SELECT t.status, u.id AS user, m.role
    FROM tenants t
    LEFT JOIN users u ON u.id = $1
    LEFT JOIN memberships m ON m.user_id = u.id AND m.tenant_id = t.id
   WHERE t.id = $2`
// As PostgreSQL prints it, in UTC here and with microseconds, which a Date would lose, but for the
// zeros at their end.
function parse_time(text) {
  const time = text.slice(11, -3)
  return `${text.slice(0, 10)}T${time.length === 8 ? `${time}.000` : time.padEnd(12, '0')}Z`
}
const time = { to: 1184, from: [1184], serialize: x => x, parse: parse_time }

export function connect(url, connections) {
  return postgres({
    ...parse_url(url),
    max: connections,
    types: { time },
    connection: { TimeZone: 'UTC', jit: 'off', plan_cache_mode: 'force_generic_plan' }
  })
}

// postgres://user@/database?host=/folder, which URL doesn't take.
function parse_url(url) {
  const [, username, database, host] = /^postgres:\/\/([^@]+)@\/([^?]+)\?host=(.+)$/.exec(url)
  return { username, database, host }
}

function check_standing([row], { claims, method }) {
  if (row?.status !== 'active' || (row.user !== null && row.role === null)) {
    throw problem(403, 'tenant_refused', 'This tenant is not available')
  }
  const rank = ranks[row.role ?? claims.role] ?? -1
  if (rank < 0 || (rank === 0 && method !== 'GET')) {
    throw problem(403, 'role_refused', 'Your role does not allow this')
  }
}

// How a request's statements run: run(request, [text, values], …) gives the rows of each, and none if
// the principal has no business here, who is looked up every time. Statements are prepared once a
// connection, and those of a request are sent without waiting for one another.
export function runner(sql, secured) {
  const ask = (on, [text, values]) => on.unsafe(text, values, { prepare: true })
  const look_up = (on, { claims }) => ask(on, [standing, [claims.sub, claims.tenant]])

  // Each of the statements has `tenant_id = …` in it, and nothing else keeps tenants apart.
  async function run_bare(request, ...statements) {
    const asked = look_up(sql, request)
    // A write has to wait for the answer, a read does not.
    if (request.method !== 'GET') check_standing(await asked, request)
    const [who, ...rows] = await Promise.all([asked, ...statements.map(each => ask(sql, each))])
    check_standing(who, request)
    return rows
  }

  // Row-level security keeps them apart once more; the setting ends with the transaction.
  function run_secured(request, ...statements) {
    return sql.begin(async transaction => {
      const [, who, ...rows] = await Promise.all([
        ask(transaction, ["SELECT set_config('app.tenant_id', $1, true)", [request.claims.tenant]]),
        look_up(transaction, request),
        ...statements.map(each => ask(transaction, each))
      ])
      check_standing(who, request)
      return rows
    })
  }
  return secured ? run_secured : run_bare
}
