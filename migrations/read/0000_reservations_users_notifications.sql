CREATE SCHEMA IF NOT EXISTS "read";
--> statement-breakpoint
CREATE TABLE "read"."notifications" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"locale" text NOT NULL,
	"recipient" text,
	"recipient_folded" text,
	"subject" text,
	"body" text,
	"state" text NOT NULL,
	"attempts" integer NOT NULL,
	"next_attempt_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone,
	CONSTRAINT "notifications_state_known" CHECK ("read"."notifications"."state" IN ('kept', 'pending', 'sent', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "read"."reservations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"client_id" text,
	"status" text NOT NULL,
	"itineraries" json NOT NULL,
	"passengers" json NOT NULL,
	"trip_type" text,
	"route" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"version" integer NOT NULL,
	"revision" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "read"."user_reservations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"reservation_id" uuid NOT NULL,
	"linked_at" timestamp (3) with time zone NOT NULL,
	"version" integer NOT NULL,
	"revision" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "read"."users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"locale" text NOT NULL,
	"first_name" text,
	"last_name" text,
	"email" text,
	"email_folded" text,
	"national_id" text,
	"tax_id" text,
	"birth_date" text,
	"incorporated_on" text,
	"registered_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"version" integer NOT NULL,
	"revision" integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX "notifications_newest" ON "read"."notifications" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "notifications_by_recipient" ON "read"."notifications" USING btree ("recipient_folded","created_at","id");--> statement-breakpoint
CREATE INDEX "notifications_by_user" ON "read"."notifications" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "notifications_due" ON "read"."notifications" USING btree ("next_attempt_at") WHERE "read"."notifications"."state" = 'pending';--> statement-breakpoint
CREATE INDEX "reservations_newest" ON "read"."reservations" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "reservations_by_status" ON "read"."reservations" USING btree ("status","created_at","id");--> statement-breakpoint
CREATE INDEX "reservations_by_client" ON "read"."reservations" USING btree ("client_id","created_at","id");--> statement-breakpoint
CREATE INDEX "user_reservations_by_user" ON "read"."user_reservations" USING btree ("user_id","reservation_id");--> statement-breakpoint
CREATE INDEX "users_newest" ON "read"."users" USING btree ("registered_at","id");--> statement-breakpoint
CREATE INDEX "users_by_status" ON "read"."users" USING btree ("status","registered_at","id");--> statement-breakpoint
CREATE INDEX "users_by_email" ON "read"."users" USING btree ("email_folded");