import { problem } from './problem.js'

const damaged = message => problem(400, 'bad_file', message)

function plain_end(text, at) {
  for (; at < text.length; at += 1) {
    const c = text.charCodeAt(at)
    if (c === 44 /* , */ || c === 10 || c === 13) break
  }
  return at
}

// Parses CSV (RFC 4180) into arrays of fields. Unless `text` is the last there is, stops before a row
// that isn't whole yet, and returns where it begins.
export function* rows(text, last = true) {
  let at = 0
  while (at < text.length) {
    const begin = at
    const row = []
    for (;;) {
      let field
      if (text.charCodeAt(at) === 34 /* " */) {
        let end = text.indexOf('"', at + 1)
        while (end !== -1 && text.charCodeAt(end + 1) === 34) end = text.indexOf('"', end + 2)
        if (end === -1 && !last) return begin
        if (end === -1) throw damaged('the file ends inside quotes')
        field = text.slice(at + 1, end).replaceAll('""', '"')
        at = end + 1
      } else {
        const end = plain_end(text, at)
        field = text.slice(at, end)
        at = end
      }
      row.push(field)
      if (text.charCodeAt(at) !== 44 /* , */) break
      at += 1
    }
    if (text.charCodeAt(at) === 13) at += 1
    if (at >= text.length && !last) return begin
    if (at < text.length && text.charCodeAt(at) !== 10) throw damaged('text after a quoted field')
    at += 1
    yield row
  }
  return text.length
}

// The rows of a stream, `size` or a few more at a time.
export async function* row_batches(stream, size) {
  stream.setEncoding('utf8')
  let rest = ''
  let batch = []
  for await (const chunk of stream) {
    rest += chunk
    const parsed = rows(rest, false)
    let row = parsed.next()
    for (; !row.done; row = parsed.next()) batch.push(row.value)
    rest = rest.slice(row.value)
    if (batch.length >= size) {
      yield batch
      batch = []
    }
  }
  batch.push(...rows(rest))
  if (batch.length > 0) yield batch
}

export function csv_field(value) {
  if (value === null) return ''
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
