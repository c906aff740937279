// node load.js --database FILE --users USERS.tsv TENANT[=LEADS.csv] …
//
// Makes the database if there is none, then each tenant with its users (lines "tenant<TAB>user
// id") and the leads of its file, if there is one, all in one transaction.
import { existsSync, readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { columns_of } from './columns.js'
import { rows } from './csv.js'
import { open } from './database.js'

const { values: flags, positionals: files } = parseArgs({
  allowPositionals: true,
  options: { database: { type: 'string' }, users: { type: 'string' } }
})
if (!flags.database || files.length === 0) {
  console.error('usage: node load.js --database FILE [--users USERS.tsv] TENANT[=LEADS.csv] …')
  process.exit(2)
}

const fresh = !existsSync(flags.database)
const db = open(flags.database)
if (fresh) db.exec(readFileSync(new URL('schema.sql', import.meta.url), 'utf8'))
const insert_tenant = db.prepare('INSERT OR IGNORE INTO tenants (id, name, created_at) VALUES (?, ?, ?)')
const insert_user = db.prepare('INSERT OR IGNORE INTO users (id, email) VALUES (?, ?)')
const insert_member = db.prepare(
  "INSERT OR IGNORE INTO memberships (user_id, tenant_id, role) VALUES (?, ?, 'operator')")
const users = flags.users === undefined ? []
  : readFileSync(flags.users, 'utf8').trim().split('\n').map(line => line.split('\t'))

function tags_json(field) {
  return field === '' ? '[]' : JSON.stringify(field.split(';'))
}

function load_file(tenant, path) {
  const parsed = rows(readFileSync(path, 'utf8'))
  const names = columns_of(parsed.next().value)
  const insert = db.prepare(`INSERT INTO leads (tenant_id, ${names.join(', ')})
    VALUES (?${', ?'.repeat(names.length)})`)
  const tags = names.indexOf('tags')
  const metadata = names.indexOf('metadata')
  const email = names.indexOf('email')
  let count = 0
  for (const row of parsed) {
    if (row.length !== names.length) throw new Error(`${path}: row ${count + 1} has ${row.length} fields`)
    const values = row.map(field => (field === '' ? null : field))
    values[tags] = tags_json(row[tags])
    values[metadata] = row[metadata] === '' ? '{}' : JSON.stringify(JSON.parse(row[metadata]))
    values[email] = row[email].toLowerCase()
    insert.run(tenant, ...values)
    count += 1
  }
  return count
}

const load = db.transaction(() => {
  let count = 0
  for (const argument of files) {
    const [tenant, path] = argument.split('=', 2)
    insert_tenant.run(tenant, tenant, new Date().toISOString())
    for (const [of, user] of users) {
      if (of !== tenant) continue
      insert_user.run(user, `${user}@users.example`)
      insert_member.run(user, tenant)
    }
    if (path !== undefined) count += load_file(tenant, path)
  }
  return count
})
console.log(`${load()} leads`)
db.pragma('wal_checkpoint(TRUNCATE)')
db.close()
