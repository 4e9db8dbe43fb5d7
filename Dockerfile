# Two stages: everything that is needed to build stays behind. What runs is Node, the bundle and one native module.
FROM node:22-bookworm-slim AS build
RUN apt-get update \
  && apt-get install --yes --no-install-recommends python3 make g++ \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build \
  && mkdir -p /app/node_modules \
  && rm dist/*.map \
  && cp -r dist /app/dist \
  && cp package.json /app/ \
  && for name in better-sqlite3 bindings file-uri-to-path; do cp -r "node_modules/$name" /app/node_modules/; done \
  && rm -rf /app/node_modules/better-sqlite3/deps /app/node_modules/better-sqlite3/src \
  && find /app/node_modules/better-sqlite3/build -type f ! -name better_sqlite3.node -delete

FROM node:22-bookworm-slim
ENV NODE_ENV=production
COPY --from=build /app /app
# A volume that is mounted here for the first time takes over owner and mode.
RUN install --directory --owner=node --group=node --mode=700 /data /credentials \
  && ln -s /app/dist/reckon.mjs /usr/local/bin/reckon
USER node
WORKDIR /data
EXPOSE 6443
# `reckon` is process 1: it ends cleanly on the signal that Docker sends, and has no children to reap but its own.
ENTRYPOINT ["node", "/app/dist/reckon.mjs"]
CMD ["up", "--data-dir", "/data", "--bind-address", "0.0.0.0"]
