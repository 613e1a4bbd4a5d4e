import type postgres from 'postgres'

/**
 * What contradicts how an order has ended, one line each; none: every order is shipped or cancelled, and
 * hold, payment, the provider's own books and shipment agree with that, as does the stock with the holds.
 */
export const ordersAtOdds = async (sql: postgres.Sql): Promise<readonly string[]> => {
  const rows = await sql<{ wrong: string }[]>`
    WITH happened AS (
      SELECT stream_module AS module, stream_id AS id, split_part(type, '.', 3) AS name, data FROM uow.event
    ), ends AS (
      SELECT id::uuid, count(*) FILTER (WHERE name = 'OrderShipped') AS shipped,
        count(*) FILTER (WHERE name = 'OrderCancelled') AS cancelled,
        bool_or(name = 'OrderCreated' AND data->>'shipping_address' IS NOT NULL) AS sent
      FROM happened WHERE module = 'orders' GROUP BY 1
    ), books AS (
      SELECT payment_key::uuid AS id, count(*) FILTER (WHERE answer = 'charged') AS charged,
        count(*) FILTER (WHERE answer = 'refunded') AS refunded
      FROM write.sandbox_ledger GROUP BY 1
    ), orders AS (
      SELECT ends.*, h.status AS hold, p.status AS payment, s.status AS shipment,
        coalesce(charged, 0) AS charged, coalesce(refunded, 0) AS refunded,
        (SELECT count(*) FROM happened e WHERE e.id = ends.id::text AND e.name = 'PaymentProcessed') AS processed
      FROM ends LEFT JOIN write.stock_holds h USING (id) LEFT JOIN write.payments p USING (id)
      LEFT JOIN write.shipments s USING (id) LEFT JOIN books USING (id)
    ), levels AS (
      SELECT sku, sum(quantity) FILTER (WHERE status = 'RESERVED') AS held
      FROM write.stock_holds, json_to_recordset(items) AS i(sku text, quantity integer) GROUP BY 1
    )
    SELECT id || ' has ended ' || shipped + cancelled || ' times' AS wrong
    FROM orders WHERE shipped + cancelled <> 1
    UNION ALL SELECT id || ' was charged ' || charged || ' times, which was heard of ' || processed || ' times'
    FROM orders WHERE charged > 1 OR charged <> processed
    UNION ALL SELECT concat_ws(' ', id, 'is shipped, but', hold, payment, charged - refunded, shipment)
    FROM orders WHERE shipped > 0 AND (hold, payment, charged - refunded) IS DISTINCT FROM ('COMMITTED', 'PROCESSED', 1)
      OR shipped > 0 AND shipment IS DISTINCT FROM CASE WHEN sent THEN 'PREPARED' END
    UNION ALL SELECT concat_ws(' ', id, 'is cancelled, but', hold, payment, charged - refunded, shipment)
    FROM orders WHERE cancelled > 0 AND (hold IN ('RESERVED', 'COMMITTED')
      OR payment IN ('REQUESTED', 'PROCESSED', 'REFUNDING') OR charged <> refunded OR shipment = 'PREPARED')
    UNION ALL SELECT concat_ws(' ', sku, 'has', stock.held, 'held, and holds of', coalesce(levels.held, 0))
    FROM write.stock LEFT JOIN levels USING (sku) WHERE stock.held <> coalesce(levels.held, 0)`
  return rows.map(({ wrong }) => wrong)
}
