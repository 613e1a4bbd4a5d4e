CREATE TABLE "read"."product_search" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"words" "tsvector" NOT NULL,
	"version" integer NOT NULL
);
--> statement-breakpoint
-- Products that were there before: nobody notifies of them again.
INSERT INTO "read"."product_search" ("id", "name", "words", "version")
SELECT "id", "name",
  setweight(to_tsvector('simple', "name"), 'A') || setweight(to_tsvector('simple', "sku"), 'B')
    || setweight(to_tsvector('simple', coalesce("description", '')), 'C'),
  "version"
FROM "read"."products_read";
--> statement-breakpoint
DROP INDEX "read"."products_read_search";--> statement-breakpoint
DROP INDEX "read"."products_read_trigrams";--> statement-breakpoint
CREATE INDEX "product_search_words" ON "read"."product_search" USING gin ("words");--> statement-breakpoint
CREATE INDEX "product_search_trigrams" ON "read"."product_search" USING gin ("name" gin_trgm_ops);