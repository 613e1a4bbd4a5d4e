-- The rows of one topic partition belong to one relay, so that it can be the only one who writes
-- there. A row therefore keeps the hash by which brokers choose its partition, and the relay makes
-- its share from that, knowing how many partitions the topics have.
ALTER TABLE delivery.outbox ADD COLUMN hash integer;
--> statement-breakpoint
-- For the rows that wait right now. MurmurHash3 x86 32 bit, seed 0, sign bit cleared.
CREATE FUNCTION pg_temp.times(a bigint, b bigint) RETURNS bigint LANGUAGE sql AS $$
  SELECT (((a * (b >> 16)) & 65535) * 65536 + a * (b & 65535)) & 4294967295
$$;
--> statement-breakpoint
CREATE FUNCTION pg_temp.scramble(block bigint) RETURNS bigint LANGUAGE sql AS $$
  SELECT pg_temp.times(((mixed << 15) | (mixed >> 17)) & 4294967295, 461845907)
  FROM pg_temp.times(block, 3432918353) AS mixed
$$;
--> statement-breakpoint
CREATE FUNCTION pg_temp.murmur3(bytes bytea) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  hash bigint := 0;
  part bigint;
  at integer := 0;
BEGIN
  WHILE at < length(bytes) LOOP
    part := 0;
    FOR i IN 0..least(4, length(bytes) - at) - 1 LOOP
      part := part | (get_byte(bytes, at + i)::bigint << (8 * i));
    END LOOP;
    hash := hash # pg_temp.scramble(part);
    IF length(bytes) - at >= 4 THEN
      hash := (((hash << 13) | (hash >> 19)) & 4294967295) * 5 + 3864292196 & 4294967295;
    END IF;
    at := at + 4;
  END LOOP;
  hash := hash # length(bytes);
  hash := pg_temp.times(hash # (hash >> 16), 2246822507);
  hash := pg_temp.times(hash # (hash >> 13), 3266489909);
  RETURN (hash # (hash >> 16)) & 2147483647;
END $$;
--> statement-breakpoint
UPDATE delivery.outbox SET hash = pg_temp.murmur3(convert_to(key, 'UTF8'));
--> statement-breakpoint
ALTER TABLE delivery.outbox ALTER COLUMN hash SET NOT NULL, DROP COLUMN partition;
--> statement-breakpoint
DROP FUNCTION delivery.advance(bigint[], smallint[], integer);
--> statement-breakpoint
-- As before, with two more wishes: `spread` is the number of partitions that the topics have, and rows
-- of `resting` (topic and share) are passed over, so that what cannot be published stops nobody else.
CREATE FUNCTION delivery.advance(
  published bigint[], shares smallint[], spread integer, resting text[], at_most integer
)
RETURNS TABLE (
  id bigint, share integer, topic text, key text, payload bytea, properties json,
  event_time timestamptz
) LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  DELETE FROM delivery.outbox o WHERE o.id = ANY (published);
  RETURN QUERY
    SELECT o.id, o.hash % spread % 16, o.topic, o.key, o.payload, o.properties, o.event_time
    FROM delivery.outbox o
    WHERE o.hash % spread % 16 = ANY (shares) AND o.refused IS NULL
      AND (cardinality(resting) = 0 OR (o.hash % spread % 16) || ' ' || o.topic <> ALL (resting))
    ORDER BY o.id LIMIT at_most;
END $$;
