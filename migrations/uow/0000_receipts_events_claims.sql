CREATE SCHEMA "uow";
--> statement-breakpoint
CREATE TABLE "uow"."claim" (
	"registry" text NOT NULL,
	"value" text NOT NULL,
	"owner" text NOT NULL,
	CONSTRAINT "claim_registry_value_pk" PRIMARY KEY("registry","value")
);
--> statement-breakpoint
CREATE TABLE "uow"."event" (
	"stream_module" text NOT NULL,
	"stream_id" text NOT NULL,
	"version" integer NOT NULL,
	"id" uuid NOT NULL,
	"type" text NOT NULL,
	"data" json NOT NULL,
	"time" timestamp with time zone NOT NULL,
	"correlation_id" text NOT NULL,
	"causation_id" text NOT NULL,
	"command_id" text NOT NULL,
	"traceparent" text,
	CONSTRAINT "event_stream_module_stream_id_version_pk" PRIMARY KEY("stream_module","stream_id","version"),
	CONSTRAINT "event_id_unique" UNIQUE("id"),
	CONSTRAINT "event_version_positive" CHECK ("uow"."event"."version" > 0)
);
--> statement-breakpoint
CREATE TABLE "uow"."receipt" (
	"command_id" text PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"target_id" text NOT NULL,
	"owner" text,
	"status" text NOT NULL,
	"version" integer,
	"submitted_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"attempts" integer NOT NULL,
	"events" json NOT NULL,
	"problem" json,
	CONSTRAINT "receipt_status_known" CHECK ("uow"."receipt"."status" IN ('accepted', 'completed', 'rejected', 'failed'))
);
--> statement-breakpoint
CREATE INDEX "receipt_by_age" ON "uow"."receipt" USING btree ("submitted_at");