CREATE TABLE "read"."order_customers" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text,
	"email" text,
	"version" integer NOT NULL,
	"revision" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "read"."order_history" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"module" text NOT NULL,
	"type" text NOT NULL,
	"data" json NOT NULL,
	"time" timestamp (3) with time zone NOT NULL,
	"correlation_id" text NOT NULL,
	"causation_id" text,
	"version" integer NOT NULL,
	"revision" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "read"."orders" (
	"id" uuid PRIMARY KEY NOT NULL,
	"customer_id" text NOT NULL,
	"status" text NOT NULL,
	"items" json NOT NULL,
	"total" numeric NOT NULL,
	"currency" text NOT NULL,
	"shipping_address" json,
	"payment_method" text,
	"payment_id" text,
	"shipment_id" text,
	"carrier" text,
	"cancel_reason" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"version" integer NOT NULL,
	"revision" integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX "order_history_of_order" ON "read"."order_history" USING btree ("order_id","time");--> statement-breakpoint
CREATE INDEX "orders_newest" ON "read"."orders" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "orders_by_status" ON "read"."orders" USING btree ("status","created_at","id");--> statement-breakpoint
CREATE INDEX "orders_by_customer" ON "read"."orders" USING btree ("customer_id","created_at","id");
--> statement-breakpoint
-- Who registered before orders asked for it: their events will not come again.
INSERT INTO "read"."order_customers" ("id", "name", "email", "version", "revision")
SELECT "id"::text, "first_name" || ' ' || "last_name", "email", 1, 1 FROM "read"."users";
