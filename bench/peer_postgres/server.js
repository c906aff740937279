// node server.js --database URL --port N [--row-level-security] [--realtime], PEER_JWT_SECRET in the
// environment.
import { parseArgs } from 'node:util'
import Fastify from 'fastify'
import { claims_of, token_verifier } from '../peer/auth.js'
import { problem, render_problem } from '../peer/problem.js'
import { connect, runner } from './database.js'
import { lead_routes } from './leads.js'

const { values: flags } = parseArgs({
  options: {
    database: { type: 'string' },
    port: { type: 'string' },
    connections: { type: 'string', default: '16' },
    'row-level-security': { type: 'boolean', default: false },
    realtime: { type: 'boolean', default: false }
  }
})
const secret = process.env.PEER_JWT_SECRET
if (!secret || !flags.database || !flags.port) {
  console.error('usage: PEER_JWT_SECRET=… node server.js --database URL --port N [--connections N]' +
    ' [--row-level-security] [--realtime]')
  process.exit(2)
}

const sql = connect(flags.database, Number(flags.connections))
const verify = token_verifier(secret)
const run = runner(sql, flags['row-level-security'])
const app = Fastify({
  keepAliveTimeout: 75_000,
  ajv: { customOptions: { removeAdditional: false } } // unknown fields are refused, not dropped
})
app.setErrorHandler(render_problem)
app.setNotFoundHandler((request, reply) => { reply.send(problem(404, 'not_found', 'No such route')) })

app.get('/healthz', (request, reply) => { reply.send({ status: 'ok' }) })
app.get('/readyz', async () => {
  await sql`SELECT 1`
  return { status: 'ok' }
})
// Who asks, and for which tenant; how they stand to it is looked up along with what they ask for.
app.register(async api => {
  api.decorateRequest('claims', null)
  api.addHook('onRequest', (request, reply, done) => {
    const claims = claims_of(request, verify)
    if (claims instanceof Error) return done(claims)
    request.claims = claims
    done()
  })
  lead_routes(api, run)
})
// Loaded only if wanted: without it the server is what --postgres measures.
let end_realtime = () => {}
if (flags.realtime) {
  const { serve_realtime } = await import('./realtime.js')
  end_realtime = await serve_realtime(app.server, sql, verify, run)
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    end_realtime()
    await app.close()
    await sql.end({ timeout: 5 })
    process.exit(0)
  })
}
await app.listen({ host: '127.0.0.1', port: Number(flags.port) })
console.log(`listening on 127.0.0.1:${flags.port}`)
