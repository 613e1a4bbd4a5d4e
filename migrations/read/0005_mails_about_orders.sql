CREATE TABLE "read"."notified_orders" (
	"id" uuid PRIMARY KEY NOT NULL,
	"customer_id" text,
	"locale" text,
	"total" numeric,
	"currency" text,
	"tracking" text,
	"untold_shipment" json
);
--> statement-breakpoint
ALTER TABLE "read"."notifications" DROP CONSTRAINT "notifications_state_known";--> statement-breakpoint
ALTER TABLE "read"."notifications" ALTER COLUMN "user_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "read"."notifications" ADD COLUMN "order_id" uuid;--> statement-breakpoint
ALTER TABLE "read"."notifications" ADD CONSTRAINT "notifications_state_known" CHECK ("read"."notifications"."state" IN ('kept', 'pending', 'sent', 'failed', 'unaddressed'));
--> statement-breakpoint
-- Orders that were made before their mails were: their first events will not come again.
INSERT INTO "read"."notified_orders" ("id", "customer_id", "total", "currency", "tracking")
SELECT o."id", o."customer_id", o."total", o."currency", s."tracking"
FROM "read"."orders" o LEFT JOIN "read"."shipments" s ON s."id" = o."id";
