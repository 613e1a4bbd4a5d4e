CREATE SCHEMA IF NOT EXISTS "write";
--> statement-breakpoint
CREATE TABLE "write"."reservations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"status" text NOT NULL,
	"version" integer NOT NULL,
	"client_id" text,
	"passengers" json NOT NULL,
	"itineraries" json NOT NULL,
	"trip_type" text,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "reservations_status_known" CHECK ("write"."reservations"."status" IN ('PENDING', 'APPROVED', 'PAID', 'CANCELLED')),
	CONSTRAINT "reservations_version_positive" CHECK ("write"."reservations"."version" > 0)
);
--> statement-breakpoint
CREATE TABLE "write"."user_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"sealed_key" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "write"."users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"status" text NOT NULL,
	"version" integer NOT NULL,
	"kind" text NOT NULL,
	"locale" text NOT NULL,
	"email_digest" text NOT NULL,
	"password_hash" text NOT NULL,
	"personal" text NOT NULL,
	"registered_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "users_status_known" CHECK ("write"."users"."status" IN ('REGISTERED', 'VALIDATED', 'DEACTIVATED')),
	CONSTRAINT "users_kind_known" CHECK ("write"."users"."kind" IN ('person', 'company')),
	CONSTRAINT "users_version_positive" CHECK ("write"."users"."version" > 0)
);
--> statement-breakpoint
CREATE INDEX "users_by_email" ON "write"."users" USING btree ("email_digest");