-- Root collation of ICU, cases alike: what differs in case only is equal, and sorts by id.
CREATE COLLATION "read"."by_name" (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS "pg_trgm";
--> statement-breakpoint
CREATE TABLE "read"."flights" (
	"id" uuid PRIMARY KEY NOT NULL,
	"flight_number" text NOT NULL,
	"departure" timestamp (3) with time zone NOT NULL,
	"origin" json NOT NULL,
	"destination" json NOT NULL,
	"seats" json NOT NULL,
	"taken" json NOT NULL,
	"version" integer NOT NULL,
	"revision" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "read"."products_read" (
	"id" uuid PRIMARY KEY NOT NULL,
	"sku" text NOT NULL,
	"name" text NOT NULL,
	"price" numeric NOT NULL,
	"currency" text NOT NULL,
	"description" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"stock_version" integer NOT NULL,
	"version" integer NOT NULL,
	"revision" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "read"."stock_levels" (
	"id" uuid PRIMARY KEY NOT NULL,
	"sku" text NOT NULL,
	"on_hand" integer NOT NULL,
	"held" integer NOT NULL,
	"version" integer NOT NULL,
	"revision" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "read"."stock_holds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"status" text NOT NULL,
	"items" json NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"version" integer NOT NULL,
	"revision" integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX "flights_by_departure" ON "read"."flights" USING btree ("departure","id");--> statement-breakpoint
CREATE INDEX "products_read_by_name" ON "read"."products_read" USING btree ("name" COLLATE read.by_name,"id");--> statement-breakpoint
CREATE INDEX "products_read_search" ON "read"."products_read" USING gin (((setweight(to_tsvector('simple', name), 'A') || setweight(to_tsvector('simple', sku), 'B') || setweight(to_tsvector('simple', coalesce(description, '')), 'C'))));--> statement-breakpoint
CREATE INDEX "products_read_trigrams" ON "read"."products_read" USING gin ("name" gin_trgm_ops);