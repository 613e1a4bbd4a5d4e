CREATE TABLE "uow"."reactor" (
	"saga" text NOT NULL,
	"id" text NOT NULL,
	"version" integer NOT NULL,
	"step" text NOT NULL,
	"ended_at" timestamp with time zone,
	"state" json NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "reactor_saga_id_pk" PRIMARY KEY("saga","id"),
	CONSTRAINT "reactor_version_positive" CHECK ("uow"."reactor"."version" > 0)
);
