CREATE TABLE "uow"."saga" (
	"saga" text NOT NULL,
	"id" text NOT NULL,
	"version" integer NOT NULL,
	"step" text NOT NULL,
	"ended_at" timestamp with time zone,
	"state" json NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "saga_saga_id_pk" PRIMARY KEY("saga","id"),
	CONSTRAINT "saga_version_positive" CHECK ("uow"."saga"."version" > 0)
);
--> statement-breakpoint
CREATE TABLE "uow"."timer" (
	"id" uuid PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"settings" integer DEFAULT 1 NOT NULL,
	"name" text NOT NULL,
	"topic" text NOT NULL,
	"type" text NOT NULL,
	"key" text NOT NULL,
	"data" json NOT NULL,
	"correlation_id" text NOT NULL,
	"causation_id" text NOT NULL,
	"traceparent" text,
	"set_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "timer_state_known" CHECK ("uow"."timer"."state" IN ('set', 'fired', 'cancelled')),
	CONSTRAINT "timer_ended_or_set" CHECK (("uow"."timer"."state" = 'set') = ("uow"."timer"."ended_at" IS NULL))
);
--> statement-breakpoint
CREATE INDEX "saga_running" ON "uow"."saga" USING btree ("started_at") WHERE ended_at IS NULL;--> statement-breakpoint
CREATE INDEX "timer_due" ON "uow"."timer" USING btree ("due_at","id") WHERE state = 'set';--> statement-breakpoint
CREATE INDEX "timer_of_key" ON "uow"."timer" USING btree ("key","due_at","id") WHERE state = 'set';--> statement-breakpoint
CREATE INDEX "timer_ended" ON "uow"."timer" USING btree ("ended_at") WHERE state <> 'set';