// The list as a Fastify service with hand-written SQL: one query for the page, one for hosts and queues, no authentication.
import Fastify from 'fastify'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.env.PEERS_DATABASE, max: 8 })
const app = Fastify()

app.get('/v2.0/:project/datasource/enhanced-connections', async (request) => {
  const { limit = 100, offset = 0 } = request.query
  const page = await pool.query(
    `SELECT id, name, status, dest_vpc_id, dest_network_id, create_time::float8 AS create_time
       FROM connection WHERE project = $1 ORDER BY create_time DESC LIMIT $2 OFFSET $3`,
    [request.params.project, limit, offset])
  const ids = page.rows.map((row) => row.id)
  const joined = await pool.query(
    `SELECT connection, 'hosts' AS field, json_build_object('name', name, 'ip', ip) AS item
       FROM host WHERE connection = ANY($1)
     UNION ALL
     SELECT connection, 'available_queue_info', json_build_object('peer_id', peer_id, 'name', name, 'status', status,
            'err_msg', err_msg, 'update_time', update_time) FROM peer WHERE connection = ANY($1)`, [ids])
  const rows = new Map(page.rows.map((row) => [row.id, { ...row, hosts: [], available_queue_info: [] }]))
  for (const { connection, field, item } of joined.rows) rows.get(connection)[field].push(item)
  return { is_success: true, message: '', connections: [...rows.values()], count: rows.size }
})

await app.listen({ host: '127.0.0.1', port: Number(process.env.PEERS_PORT) })
