// What a file's columns are called here.
export const file_columns = {
  lead_id: 'id', first_name: 'first_name', last_name: 'last_name', email: 'email', phone_e164: 'phone',
  property_address: 'property_address', city: 'city', province: 'province', postal_code: 'postal_code',
  property_type: 'property_type', price_range: 'price_range', timeline: 'timeline', source: 'source',
  tags: 'tags', status: 'status', created_at: 'created_at', updated_at: 'updated_at', metadata: 'metadata',
  assigned_agent: 'assigned_agent', score: 'score', last_contacted_at: 'last_contacted_at'
}

// The columns that the fields of a file fill, by its header.
export function columns_of(header) {
  return header.map(name => {
    if (!Object.hasOwn(file_columns, name)) throw new Error(`unknown column ${name}`)
    return file_columns[name]
  })
}
