// node server.js --database FILE --port N [--group-commit], PEER_JWT_SECRET in the environment.
import { parseArgs } from 'node:util'
import Fastify from 'fastify'
import { approval_routes } from './approvals.js'
import { authenticate } from './auth.js'
import { dashboard_routes } from './dashboard.js'
import { open, writer } from './database.js'
import { file_routes } from './files.js'
import { lead_routes } from './leads.js'
import { agent_routes, event_routes } from './others.js'
import { problem, render_problem } from './problem.js'

const { values: flags } = parseArgs({
  options: {
    database: { type: 'string' },
    port: { type: 'string' },
    'group-commit': { type: 'boolean', default: false }
  }
})
const secret = process.env.PEER_JWT_SECRET
if (!secret || !flags.database || !flags.port) {
  console.error('usage: PEER_JWT_SECRET=… node server.js --database FILE --port N [--group-commit]')
  process.exit(2)
}

const db = open(flags.database)
const write = writer(db, flags['group-commit'])
const app = Fastify({
  bodyLimit: 8 * 1024 * 1024,
  keepAliveTimeout: 75_000,
  requestTimeout: 600_000, // Node has one for all requests, files included
  ajv: { customOptions: { removeAdditional: false } } // unknown fields are refused, not dropped
})
app.setErrorHandler(render_problem)
app.setNotFoundHandler((request, reply) => { reply.send(problem(404, 'not_found', 'No such route')) })

app.get('/healthz', (request, reply) => { reply.send({ status: 'ok' }) })
app.get('/readyz', (request, reply) => {
  db.prepare('SELECT 1').get()
  reply.send({ status: 'ok' })
})
app.register((api, options, done) => {
  api.decorateRequest('tenant', '')
  api.decorateRequest('user', '')
  api.decorateRequest('rank', -1)
  api.addHook('onRequest', authenticate(db, secret))
  lead_routes(api, db, write)
  file_routes(api, db)
  event_routes(api, db, write)
  agent_routes(api, db, write)
  approval_routes(api, db, write)
  dashboard_routes(api, db)
  done()
})

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await app.close()
    db.close()
    process.exit(0)
  })
}
await app.listen({ host: '127.0.0.1', port: Number(flags.port) })
console.log(`listening on 127.0.0.1:${flags.port}`)
