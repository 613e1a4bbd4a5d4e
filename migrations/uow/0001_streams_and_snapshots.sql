CREATE TABLE "uow"."snapshot" (
	"module" text NOT NULL,
	"id" text NOT NULL,
	"version" integer NOT NULL,
	"state" json NOT NULL,
	"state_version" integer NOT NULL,
	CONSTRAINT "snapshot_module_id_pk" PRIMARY KEY("module","id")
);
--> statement-breakpoint
CREATE TABLE "uow"."stream" (
	"module" text NOT NULL,
	"id" text NOT NULL,
	"version" integer NOT NULL,
	CONSTRAINT "stream_module_id_pk" PRIMARY KEY("module","id"),
	CONSTRAINT "stream_version_positive" CHECK ("uow"."stream"."version" > 0)
);
