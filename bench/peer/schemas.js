// JSON schemas: what a body must be (Ajv) and how an answer is printed (fast-json-stringify).

const text = { type: 'string', maxLength: 500 }
const maybe_text = { type: ['string', 'null'], maxLength: 500 }
const uuid = { type: 'string', pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' }
export const status = { type: 'string', enum: ['new', 'contacted', 'qualified', 'converted', 'closed'] }

export const writable = {
  first_name: maybe_text,
  last_name: maybe_text,
  email: { type: ['string', 'null'], maxLength: 320, pattern: '^[^@\\s]+@[^@\\s]+$' },
  phone: { type: ['string', 'null'], pattern: '^\\+[1-9][0-9]{6,14}$' },
  property_address: maybe_text,
  city: maybe_text,
  province: maybe_text,
  postal_code: maybe_text,
  property_type: maybe_text,
  price_range: maybe_text,
  timeline: maybe_text,
  source: maybe_text,
  status,
  assigned_agent: { anyOf: [uuid, { type: 'null' }] },
  score: { type: ['number', 'null'], minimum: -999.99, maximum: 999.99 },
  tags: { type: 'array', maxItems: 100, items: text },
  metadata: { type: 'object' },
  last_contacted_at: maybe_text
}

export const defaults = { status: 'new', tags: [], metadata: {} }

export const create_body = {
  type: 'object', additionalProperties: false, properties: writable, required: ['email']
}
export const patch_body = {
  type: 'object', additionalProperties: false, properties: writable, minProperties: 1
}
export const id_params = { type: 'object', properties: { id: uuid } }

export const list_query = {
  type: 'object',
  additionalProperties: false,
  properties: {
    status, city: text, source: text, property_type: text, assigned_agent: uuid, search: text,
    sort: { enum: ['-created_at', 'created_at', '-score', 'score', 'last_name', '-last_name'] },
    limit: { type: 'integer', minimum: 1, maximum: 1000, default: 20 },
    offset: { type: 'integer', minimum: 0, maximum: 1_000_000_000 },
    after: text
  }
}

const string = { type: 'string' }
const maybe_string = { type: ['string', 'null'] }
export const lead = {
  type: 'object',
  properties: {
    id: string,
    first_name: maybe_string, last_name: maybe_string, email: maybe_string, phone: maybe_string,
    property_address: maybe_string, city: maybe_string, province: maybe_string,
    postal_code: maybe_string, property_type: maybe_string, price_range: maybe_string,
    timeline: maybe_string, source: maybe_string,
    status: string,
    assigned_agent: maybe_string,
    score: { type: ['number', 'null'] },
    tags: { type: 'array', items: string },
    metadata: {},
    last_contacted_at: maybe_string,
    created_at: string,
    updated_at: string
  }
}
export const lead_page = {
  type: 'object',
  properties: {
    leads: { type: 'array', items: lead },
    total: { type: 'integer' },
    next: maybe_string
  }
}

const time = { type: 'string', format: 'date-time' }
export const import_row = {
  type: 'object',
  additionalProperties: false,
  properties: { id: uuid, ...writable, created_at: time, updated_at: time },
  required: ['first_name']
}
export const import_report = {
  type: 'object',
  properties: {
    dry_run: { type: 'boolean' },
    rows: { type: 'integer' }, imported: { type: 'integer' }, unchanged: { type: 'integer' },
    refused_rows: { type: 'integer' },
    refused: {
      type: 'array', items: { type: 'object', properties: { line: { type: 'integer' }, reason: string } }
    }
  }
}
export const export_query = {
  type: 'object',
  additionalProperties: false,
  properties: { format: { enum: ['csv', 'ndjson'], default: 'csv' } }
}

export const event_body = {
  type: 'object',
  additionalProperties: false,
  required: ['type'],
  properties: { lead_id: uuid, type: text, content: { type: 'string', maxLength: 10_000 }, data: { type: 'object' } }
}
export const event = {
  type: 'object',
  properties: {
    id: string, lead_id: maybe_string, type: string, content: maybe_string, data: {}, timestamp: string
  }
}
export const events = { type: 'object', properties: { events: { type: 'array', items: event } } }

export const limit_query = {
  type: 'object',
  additionalProperties: false,
  properties: { limit: { type: 'integer', minimum: 1, maximum: 1000, default: 50 } }
}
export const approval_body = {
  type: 'object',
  additionalProperties: false,
  required: ['lead_id', 'type'],
  properties: {
    lead_id: uuid,
    type: { enum: ['message', 'email', 'call', 'meeting'] },
    channel: maybe_text,
    subject: maybe_text,
    content: { type: ['string', 'null'], maxLength: 10_000 },
    ai_score: { type: ['number', 'null'], minimum: 0, maximum: 1 },
    metadata: { type: 'object' }
  }
}
export const reject_body = {
  type: 'object',
  additionalProperties: false,
  required: ['reason'],
  properties: { reason: { type: 'string', minLength: 1, maxLength: 4096 } }
}
export const approval = {
  type: 'object',
  properties: {
    id: string, lead_id: string, type: string, channel: maybe_string, subject: maybe_string,
    content: maybe_string, status: string, ai_score: { type: ['number', 'null'] },
    reviewed_by: maybe_string, reviewed_at: maybe_string, rejection_reason: maybe_string,
    sent_at: maybe_string, metadata: {}, created_at: string, updated_at: string
  }
}
export const approvals = {
  type: 'object', properties: { approvals: { type: 'array', items: approval } }
}

export const dashboard_query = {
  type: 'object',
  additionalProperties: false,
  properties: { timeframe: { enum: ['day', 'week', 'month'], default: 'week' } }
}
const count = { type: 'integer' }
const list_of = properties => ({ type: 'array', items: { type: 'object', properties } })
export const dashboard = {
  type: 'object',
  properties: {
    timeframe: string,
    totalLeads: count, newLeads: count, activeLeads: count, pendingApprovals: count,
    conversionRate: { type: 'number' },
    leadsByStatus: {
      type: 'object', properties: Object.fromEntries(status.enum.map(name => [name, count]))
    },
    funnel: list_of({ stage: string, count }),
    leadsBySource: list_of({ source: maybe_string, count }),
    otherSources: count,
    dailyTrend: list_of({ date: string, created: count, converted: count }),
    recentActivity: { type: 'array', items: event }
  }
}

export const agent_body = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'email'],
  properties: { name: text, email: writable.email, phone: writable.phone, brokerage: maybe_text }
}
export const agent = {
  type: 'object',
  properties: {
    id: string, name: string, email: string, phone: maybe_string, brokerage: maybe_string,
    status: string, created_at: string, updated_at: string
  }
}
export const agents = { type: 'object', properties: { agents: { type: 'array', items: agent } } }
