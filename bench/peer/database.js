import Database from 'better-sqlite3'

// Durable like Tenantry: a write is acknowledged when it is on the disk. Cache and memory map hold
// the whole of the benchmark's data.
export function open(path) {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  db.pragma('busy_timeout = 5000')
  db.pragma('cache_size = -65536')
  db.pragma('mmap_size = 1073741824')
  db.pragma('temp_store = MEMORY')
  return db
}

// How a request's write reaches the disk: write(work, done) calls done(error, result) once it is
// durable. Plainly each in a transaction of its own, as programs over better-sqlite3 do; grouped,
// those that arrive in one turn of the event loop share a commit, each behind its savepoint.
export function writer(db, grouped) {
  if (!grouped) {
    return (work, done) => {
      let result
      try {
        result = work()
      } catch (error) {
        return done(error)
      }
      done(null, result)
    }
  }
  const commit = db.transaction(batch => batch.map(attempt))
  const savepoint = db.transaction(work => work()) // nested: a savepoint
  function attempt({ work }) {
    try {
      return { error: null, result: savepoint(work) }
    } catch (error) {
      if (!db.inTransaction) throw error
      return { error }
    }
  }
  let queue = []
  function flush() {
    const batch = queue
    queue = []
    let outcomes
    try {
      outcomes = commit.immediate(batch)
    } catch (error) {
      outcomes = batch.map(() => ({ error }))
    }
    batch.forEach(({ done }, i) => done(outcomes[i].error, outcomes[i].result))
  }
  return (work, done) => {
    if (queue.push({ work, done }) === 1) setImmediate(flush)
  }
}
