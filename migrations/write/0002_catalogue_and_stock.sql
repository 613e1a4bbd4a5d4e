CREATE TABLE "write"."stock_holds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"status" text NOT NULL,
	"items" json NOT NULL,
	CONSTRAINT "stock_holds_status_known" CHECK ("write"."stock_holds"."status" IN ('RESERVED', 'REJECTED', 'RELEASED', 'COMMITTED')),
	CONSTRAINT "stock_holds_version_positive" CHECK ("write"."stock_holds"."version" > 0)
);
--> statement-breakpoint
CREATE TABLE "write"."stock" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"sku" text NOT NULL,
	"on_hand" integer NOT NULL,
	"held" integer NOT NULL,
	CONSTRAINT "stock_held_is_there" CHECK ("write"."stock"."held" BETWEEN 0 AND "write"."stock"."on_hand"),
	CONSTRAINT "stock_version_positive" CHECK ("write"."stock"."version" > 0)
);
--> statement-breakpoint
CREATE TABLE "write"."offers" (
	"id" text PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"product_id" uuid NOT NULL,
	"name" text NOT NULL,
	"price" numeric NOT NULL,
	"currency" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "write"."products" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"sku" text NOT NULL,
	"name" text NOT NULL,
	"price" numeric NOT NULL,
	"currency" text NOT NULL,
	"description" text,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "products_price_not_negative" CHECK ("write"."products"."price" >= 0),
	CONSTRAINT "products_version_positive" CHECK ("write"."products"."version" > 0)
);
--> statement-breakpoint
CREATE TABLE "write"."flights" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"flight_number" text NOT NULL,
	"departure" timestamp with time zone NOT NULL,
	"origin" json NOT NULL,
	"destination" json NOT NULL,
	"seats" json NOT NULL,
	"taken" json NOT NULL,
	CONSTRAINT "flights_version_positive" CHECK ("write"."flights"."version" > 0)
);
--> statement-breakpoint
ALTER TABLE "write"."reservations" ADD COLUMN "flights" json;