import { createHmac, timingSafeEqual } from 'node:crypto'
import { problem } from './problem.js'

const cached_tokens_max = 10_000
const ranks = { viewer: 0, operator: 1, admin: 2, owner: 3 }

// Verifies HS256 tokens. A signature is checked once per token and remembered; the expiry is
// compared each time.
export function token_verifier(secret) {
  const verified = new Map()

  function verify(token) {
    const parts = token.split('.')
    if (parts.length !== 3) return null
    const expected = createHmac('sha256', secret).update(`${parts[0]}.${parts[1]}`).digest()
    const given = Buffer.from(parts[2], 'base64url')
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null
    try {
      const header = JSON.parse(Buffer.from(parts[0], 'base64url'))
      const claims = JSON.parse(Buffer.from(parts[1], 'base64url'))
      if (header.alg !== 'HS256' || !Number.isFinite(claims.exp)) return null
      const tenant = claims.tenant_id ?? claims.app_metadata?.tenant_id
      return { sub: claims.sub, tenant, role: claims.role, exp: claims.exp, nbf: claims.nbf ?? 0 }
    } catch {
      return null
    }
  }

  return token => {
    let claims = verified.get(token)
    if (claims === undefined) {
      claims = verify(token)
      if (claims === null) return null
      if (verified.size >= cached_tokens_max) verified.delete(verified.keys().next().value)
      verified.set(token, claims)
    }
    const now = Date.now() / 1000
    return claims.exp > now && claims.nbf <= now ? claims : null
  }
}

// What a request's token says, for the tenant that it asks for; an error to answer with if that is
// nobody or no tenant.
export function claims_of(request, verify) {
  const header = request.headers.authorization
  const claims = header?.startsWith('Bearer ') ? verify(header.slice(7)) : null
  if (claims === null) return problem(401, 'bad_token', 'A valid bearer token is required')
  const selected = request.headers['x-tenant-id']
  if (!claims.tenant || (selected !== undefined && selected !== claims.tenant)) {
    return problem(403, 'tenant_required', 'Tenant context required')
  }
  return claims
}

// An onRequest hook: token, tenant and membership, in that order, on each request. Sets
// request.tenant, the only tenant that the handlers know, request.user and request.rank.
export function authenticate(db, secret) {
  const verify = token_verifier(secret)
  const standing = db.prepare(`
    SELECT t.status, u.id AS user, m.role
      FROM tenants t
      LEFT JOIN users u ON u.id = ?
      LEFT JOIN memberships m ON m.user_id = u.id AND m.tenant_id = t.id
     WHERE t.id = ?`)

  return (request, reply, done) => {
    const claims = claims_of(request, verify)
    if (claims instanceof Error) return done(claims)
    const row = standing.get(claims.sub, claims.tenant)
    if (row?.status !== 'active' || (row.user !== null && row.role === null)) {
      return done(problem(403, 'tenant_refused', 'This tenant is not available'))
    }
    request.tenant = claims.tenant
    request.user = claims.sub
    request.rank = ranks[row.role ?? claims.role] ?? -1
    if (request.rank < 0 || (request.rank === 0 && request.method !== 'GET')) {
      return done(problem(403, 'role_refused', 'Your role does not allow this'))
    }
    done()
  }
}
