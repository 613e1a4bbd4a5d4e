CREATE TABLE "write"."payment_calls" (
	"id" uuid PRIMARY KEY NOT NULL,
	"operation" text NOT NULL,
	"state" text NOT NULL,
	"order_id" uuid NOT NULL,
	"payment_key" text NOT NULL,
	"amount" numeric NOT NULL,
	"currency" text NOT NULL,
	"payment_method" text NOT NULL,
	"correlation_id" text NOT NULL,
	"traceparent" text,
	"attempts" integer NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"give_up_at" timestamp with time zone,
	CONSTRAINT "payment_calls_state_known" CHECK ("write"."payment_calls"."state" IN ('asking', 'in-doubt', 'given-up'))
);
--> statement-breakpoint
CREATE TABLE "write"."payments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"payment_key" text NOT NULL,
	"status" text NOT NULL,
	"amount" numeric,
	"currency" text,
	"payment_method" text,
	"failure" text,
	"refund_reason" text,
	CONSTRAINT "payments_status_known" CHECK ("write"."payments"."status" IN ('REQUESTED', 'PROCESSED', 'FAILED', 'VOIDED', 'REFUNDING', 'REFUNDED')),
	CONSTRAINT "payments_amount_not_negative" CHECK ("write"."payments"."amount" >= 0),
	CONSTRAINT "payments_version_positive" CHECK ("write"."payments"."version" > 0)
);
--> statement-breakpoint
CREATE TABLE "write"."sandbox_ledger" (
	"payment_key" text NOT NULL,
	"entry" text NOT NULL,
	"answer" text NOT NULL,
	"minor" bigint NOT NULL,
	"currency" text NOT NULL,
	"method" text NOT NULL,
	"booked_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sandbox_ledger_payment_key_entry_pk" PRIMARY KEY("payment_key","entry"),
	CONSTRAINT "sandbox_ledger_minor_not_negative" CHECK ("write"."sandbox_ledger"."minor" >= 0)
);
--> statement-breakpoint
CREATE TABLE "write"."shipments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"status" text NOT NULL,
	"shipment_id" uuid,
	CONSTRAINT "shipments_status_known" CHECK ("write"."shipments"."status" IN ('PREPARED', 'FAILED', 'CANCELLED')),
	CONSTRAINT "shipments_version_positive" CHECK ("write"."shipments"."version" > 0)
);
--> statement-breakpoint
CREATE INDEX "payment_calls_due" ON "write"."payment_calls" USING btree ("due_at") WHERE "write"."payment_calls"."state" <> 'given-up';