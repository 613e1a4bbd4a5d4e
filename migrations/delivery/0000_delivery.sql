CREATE SCHEMA delivery;
--> statement-breakpoint
-- What has been seen: a row commits together with the effect of its message.
CREATE TABLE delivery.inbox (
  subscription text COLLATE "C" NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  -- Raised by each redrive.
  epoch integer NOT NULL DEFAULT 0,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (subscription, message_id)
);
--> statement-breakpoint
CREATE INDEX inbox_received_at ON delivery.inbox USING brin (received_at);
--> statement-breakpoint
-- What each consumer is working on. A row that outlives its process names the suspects.
CREATE TABLE delivery.in_flight (
  subscription text COLLATE "C" NOT NULL,
  consumer uuid NOT NULL,
  -- Hashes, since a false suspect only runs alone.
  messages bigint[] NOT NULL,
  marked_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (subscription, consumer)
) WITH (fillfactor = 50);
--> statement-breakpoint
-- Runs of messages that have failed, or are suspected to have ended a process.
CREATE TABLE delivery.attempt (
  subscription text COLLATE "C" NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  attempts integer NOT NULL,
  last_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (subscription, message_id)
);
--> statement-breakpoint
-- A key whose messages wait in order. The row is locked by whoever appends, drains or redrives.
CREATE TABLE delivery.lane (
  subscription text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  state text NOT NULL CHECK (state IN ('retrying', 'closed')),
  next_attempt_at timestamptz NOT NULL DEFAULT now(),
  -- Runs of the drainer that met contention in a row.
  retries integer NOT NULL DEFAULT 0,
  last_position bigint NOT NULL DEFAULT 0,
  opened_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (subscription, key)
);
--> statement-breakpoint
CREATE INDEX lane_due ON delivery.lane (subscription, next_attempt_at) WHERE state = 'retrying';
--> statement-breakpoint
CREATE TABLE delivery.lane_message (
  subscription text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  message_id text COLLATE "C" NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  broker_id text NOT NULL,
  broker_key text NOT NULL,
  payload bytea NOT NULL,
  properties json NOT NULL,
  publish_time timestamptz NOT NULL,
  event_time timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  slug text,
  error text,
  parked_at timestamptz NOT NULL DEFAULT now(),
  -- Set while it is a dead letter: always the head of a closed lane.
  dead_at timestamptz,
  PRIMARY KEY (subscription, key, position),
  FOREIGN KEY (subscription, key) REFERENCES delivery.lane
);
--> statement-breakpoint
CREATE UNIQUE INDEX lane_message_id ON delivery.lane_message (subscription, message_id);
--> statement-breakpoint
CREATE SEQUENCE delivery.outbox_id;
--> statement-breakpoint
-- What has to be published. Ids are drawn while the key's row lock is held, so their order is the
-- order of the key; they commit in any order, so nobody may read "after the last id".
CREATE TABLE delivery.outbox (
  id bigint PRIMARY KEY,
  partition smallint NOT NULL,
  topic text NOT NULL,
  key text NOT NULL,
  payload bytea NOT NULL,
  properties json NOT NULL,
  event_time timestamptz,
  -- Why the broker will never take it, for example its size.
  refused text
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
--> statement-breakpoint
-- Deletes what was published and answers the next visible rows of the partitions, by id. Always from
-- the beginning: a row of a lower id may have become visible only now. By the index and nothing else:
-- the table is mostly dead rows, which an index scan passes over and every other plan reads. Commits
-- without waiting for the disk: what a crash of Postgres brings back is published twice, and dropped.
CREATE FUNCTION delivery.advance(published bigint[], of_partitions smallint[], at_most integer)
RETURNS TABLE (
  id bigint, topic text, key text, payload bytea, properties json, event_time timestamptz
) LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  DELETE FROM delivery.outbox o WHERE o.id = ANY (published);
  RETURN QUERY
    SELECT o.id, o.topic, o.key, o.payload, o.properties, o.event_time FROM delivery.outbox o
    WHERE o.partition = ANY (of_partitions) AND o.refused IS NULL
    ORDER BY o.id LIMIT at_most;
END $$;
--> statement-breakpoint
-- Which relay publishes which partition. Two at once would publish twice, never out of order.
CREATE TABLE delivery.relay_lease (
  partition smallint PRIMARY KEY,
  holder uuid,
  expires_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);
--> statement-breakpoint
CREATE TABLE delivery.relay (
  holder uuid PRIMARY KEY,
  expires_at timestamptz NOT NULL
) WITH (fillfactor = 50);
--> statement-breakpoint
INSERT INTO delivery.relay_lease (partition) SELECT generate_series(0, 15);
--> statement-breakpoint
-- Marks what a consumer is about to run, and answers which of it may have ended another process.
-- Commits without waiting for the disk: a mark is lost only when Postgres crashes, and then the
-- message did not end anybody.
CREATE FUNCTION delivery.mark(for_subscription text, by_consumer uuid, ids text[], held text[])
RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  hashes bigint[] := (SELECT coalesce(array_agg(hashtextextended(m, 0)), '{}') FROM unnest(ids) m);
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  INSERT INTO delivery.in_flight AS f (subscription, consumer, messages)
  VALUES (
    for_subscription, by_consumer,
    hashes || (SELECT coalesce(array_agg(hashtextextended(m, 0)), '{}') FROM unnest(held) m)
  )
  ON CONFLICT (subscription, consumer)
    DO UPDATE SET messages = EXCLUDED.messages, marked_at = EXCLUDED.marked_at;
  IF EXISTS (
    SELECT FROM delivery.in_flight f
    WHERE f.subscription = for_subscription AND f.consumer <> by_consumer AND f.messages && hashes
  ) THEN
    RETURN QUERY
      SELECT m FROM unnest(ids) m
      WHERE EXISTS (
        SELECT FROM delivery.in_flight f
        WHERE f.subscription = for_subscription AND f.consumer <> by_consumer
          AND hashtextextended(m, 0) = ANY (f.messages)
      ) AND NOT EXISTS (
        SELECT FROM delivery.inbox i
        WHERE i.subscription = for_subscription AND i.message_id = m
      );
  END IF;
END $$;
--> statement-breakpoint
-- Answers which messages are new here, which keys have a lane (now locked), and which have one that
-- somebody else holds. A function, because the look for lanes needs a newer snapshot than the insert:
-- that one may have waited for the very transaction that opened the lane.
CREATE FUNCTION delivery.admit(
  for_subscription text, ids text[], keys text[], waits boolean, lock_wait text,
  OUT fresh text[], OUT laned text[], OUT busy text[]
) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('lock_timeout', lock_wait, true);
  WITH added AS (
    INSERT INTO delivery.inbox (subscription, message_id)
    SELECT for_subscription, m FROM unnest(ids) m ORDER BY m COLLATE "C"
    ON CONFLICT DO NOTHING
    RETURNING message_id
  )
  SELECT coalesce(array_agg(message_id), '{}') INTO fresh FROM added;
  laned := '{}';
  busy := '{}';
  IF NOT EXISTS (SELECT FROM delivery.lane WHERE subscription = for_subscription) THEN
    RETURN;
  END IF;
  IF waits THEN
    SELECT coalesce(array_agg(key), '{}') INTO laned FROM (
      SELECT l.key FROM delivery.lane l
      WHERE l.subscription = for_subscription AND l.key = ANY (keys) ORDER BY l.key FOR UPDATE
    ) locked;
    RETURN;
  END IF;
  SELECT coalesce(array_agg(key), '{}') INTO laned FROM (
    SELECT l.key FROM delivery.lane l
    WHERE l.subscription = for_subscription AND l.key = ANY (keys)
    ORDER BY l.key FOR UPDATE SKIP LOCKED
  ) locked;
  SELECT coalesce(array_agg(l.key), '{}') INTO busy FROM delivery.lane l
  WHERE l.subscription = for_subscription AND l.key = ANY (keys) AND l.key <> ALL (laned);
END $$;
