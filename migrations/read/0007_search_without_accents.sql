-- Text as it is searched for: people leave accents out, and keyboards write them in several ways.
CREATE FUNCTION "read"."without_accents"(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN normalize(regexp_replace(normalize($1, NFKD), '[\u0300-\u036f]', '', 'g'), NFKC);
--> statement-breakpoint
UPDATE "read"."product_search" s SET "name" = read.without_accents(p."name"),
  "words" = setweight(to_tsvector('simple', read.without_accents(p."name")), 'A')
    || setweight(to_tsvector('simple', read.without_accents(p."sku")), 'B')
    || setweight(to_tsvector('simple', coalesce(read.without_accents(p."description"), '')), 'C')
FROM "read"."products_read" p WHERE p."id" = s."id";
