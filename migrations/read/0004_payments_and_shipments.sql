CREATE TABLE "read"."payments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"payment_key" text NOT NULL,
	"status" text NOT NULL,
	"failure" text,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"version" integer NOT NULL,
	"revision" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "read"."shipments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"status" text NOT NULL,
	"carrier" text,
	"tracking" text,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"version" integer NOT NULL,
	"revision" integer NOT NULL
);
