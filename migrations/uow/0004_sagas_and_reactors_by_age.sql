CREATE INDEX "reactor_begun" ON "uow"."reactor" USING btree ("started_at");--> statement-breakpoint
CREATE INDEX "saga_begun" ON "uow"."saga" USING btree ("started_at");