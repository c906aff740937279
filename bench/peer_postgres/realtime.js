import { WebSocketServer } from 'ws'

const path = '/realtime/v1/websocket'
const waiting_bytes_max = 1 << 20 // of one client; who falls behind further is cut off
const timeout_max = 2 ** 31 - 1
const as_text = { binary: false }

const columns_of_leads = `
  SELECT column_name AS name, udt_name AS type FROM information_schema.columns
   WHERE table_schema = 'public' AND table_name = 'leads' ORDER BY ordinal_position`

// Who follows what: by tenant, then by topic, a set of sockets. A change goes through the sets of its
// own tenant and touches nobody else.
class Followers {
  tenants = new Map()

  add(tenant, topic, socket) {
    let topics = this.tenants.get(tenant)
    if (!topics) this.tenants.set(tenant, topics = new Map())
    let sockets = topics.get(topic)
    if (!sockets) topics.set(topic, sockets = new Set())
    sockets.add(socket)
  }

  remove(tenant, topic, socket) {
    const topics = this.tenants.get(tenant)
    const sockets = topics?.get(topic)
    if (!sockets?.delete(socket) || sockets.size > 0) return
    topics.delete(topic)
    if (topics.size === 0) this.tenants.delete(tenant)
  }
}

// What the trigger of realtime.sql tells. Made into text, and that into bytes, once for all of a topic.
function deliver(followers, columns, notification) {
  const { tenant, type, at, record, old_record } = JSON.parse(notification)
  const topics = followers.tenants.get(tenant)
  if (!topics) return
  const data = {
    schema: 'public', table: 'leads', commit_timestamp: at, type, columns,
    record: record ?? undefined, old_record: old_record ?? undefined, errors: null
  }
  for (const [topic, sockets] of topics) {
    const bytes = Buffer.from(
      JSON.stringify([null, null, topic, 'postgres_changes', { ids: [1], data }]))
    for (const socket of sockets) {
      if (socket.bufferedAmount > waiting_bytes_max) socket.terminate()
      else socket.send(bytes, as_text)
    }
  }
}

// One client: version 2.0.0 of the protocol, as far as following the leads needs it.
function serve(socket, claims, followers) {
  const joined = new Set()
  const say = (...message) => { socket.send(JSON.stringify(message)) }
  const reply = ([join_ref, ref, topic], response = {}) => {
    say(join_ref, ref, topic, 'phx_reply', { status: 'ok', response })
  }
  const leave = topic => {
    joined.delete(topic)
    followers.remove(claims.tenant, topic, socket)
  }

  function take(message) {
    const [join_ref, , topic, event, payload] = message
    if (event === 'heartbeat' && topic === 'phoenix') return reply(message)
    if (event === 'phx_join') {
      const bindings = (payload.config?.postgres_changes ?? []).map((each, i) => ({ ...each, id: i + 1 }))
      reply(message, { postgres_changes: bindings })
      joined.add(topic)
      followers.add(claims.tenant, topic, socket)
      return say(join_ref, null, topic, 'system', {
        extension: 'postgres_changes', status: 'ok', message: 'Subscribed to PostgreSQL',
        channel: topic.replace('realtime:', '')
      })
    }
    if (event === 'phx_leave') {
      leave(topic)
      reply(message)
    }
  }

  socket.on('message', data => {
    try {
      take(JSON.parse(data))
    } catch {
      socket.close(1003)
    }
  })
  const expiry = setTimeout(() => socket.close(1008), Math.min(claims.exp * 1000 - Date.now(), timeout_max))
  socket.on('close', () => {
    clearTimeout(expiry)
    joined.forEach(leave)
  })
  socket.on('error', () => socket.terminate())
}

function refuse(socket, status) {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

// Serves WebSockets beside the routes of `server`. `run` looks up how a principal stands to its tenant,
// as for a request.
export async function serve_realtime(server, sql, verify, run) {
  const followers = new Followers()
  const columns = (await sql.unsafe(columns_of_leads)).map(({ name, type }) => ({ name, type }))
  await sql.listen('leads', notification => deliver(followers, columns, notification))

  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 64 << 10 })
  server.on('upgrade', async (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    const url = new URL(request.url, 'http://localhost')
    const claims = url.pathname === path ? verify(url.searchParams.get('apikey') ?? '') : null
    if (!claims) return refuse(socket, '401 Unauthorized')
    try {
      await run({ claims, method: 'GET' })
    } catch {
      return refuse(socket, '403 Forbidden')
    }
    sockets.handleUpgrade(request, socket, head, client => serve(client, claims, followers))
  })
  return () => { sockets.clients.forEach(each => each.terminate()) }
}
