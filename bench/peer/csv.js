function plain_end(text, at) {
  for (; at < text.length; at += 1) {
    const c = text.charCodeAt(at)
    if (c === 44 /* , */ || c === 10 || c === 13) break
  }
  return at
}

// Parses CSV (RFC 4180) into arrays of fields; for files that fit in memory.
export function* rows(text) {
  let at = 0
  while (at < text.length) {
    const row = []
    for (;;) {
      let field
      if (text.charCodeAt(at) === 34 /* " */) {
        let end = text.indexOf('"', at + 1)
        while (end !== -1 && text.charCodeAt(end + 1) === 34) end = text.indexOf('"', end + 2)
        if (end === -1) throw new Error('the file ends inside quotes')
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
    if (at < text.length && text.charCodeAt(at) !== 10) throw new Error('text after a quoted field')
    at += 1
    yield row
  }
}
