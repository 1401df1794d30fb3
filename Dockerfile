# syntax=docker/dockerfile:1
# Pin the base images by digest where you can pull them. The parts are named one by one, so that no .env, database or .git comes along.
FROM node:24-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts

FROM python:3.13-slim AS packages
WORKDIR /build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/runtime.txt .
RUN python -m venv /venv \
    && /venv/bin/pip install --require-hashes --only-binary=:all: -r runtime.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY --from=packages /venv /venv
COPY --from=assets /app/node_modules/nhsuk-frontend/dist ./node_modules/nhsuk-frontend/dist
COPY manage.py LICENCE ./
COPY accounts ./accounts
COPY resources ./resources
COPY assessments ./assessments
COPY bulletin ./bulletin
COPY impact_portal ./impact_portal
COPY templates ./templates
COPY static ./static
COPY fixtures ./fixtures
# NHS organisations may build with NHS_IDENTITY=1, which keeps the Frutiger rules in the stylesheet.
ARG NHS_IDENTITY=0
RUN useradd --system --uid 10001 portal \
    && SECRET_KEY=only-while-building SUPPRESSION_KEY=only-while-building NHS_IDENTITY=$NHS_IDENTITY python manage.py collectstatic --noinput --verbosity 0 \
    && mkdir -p var/home && chown -R portal var
ENV NHS_IDENTITY=$NHS_IDENTITY
USER 10001
EXPOSE 8000
# The portal answers to its own name only, so the check asks by that name.
HEALTHCHECK --start-period=20s CMD ["python", "-c", "import os, urllib.parse as p, urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/health', headers={'Host': p.urlsplit(os.environ['BASE_URL']).netloc}), timeout=5)"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--no-ws", "--blocking-threads", "2", "--log-level", "warning", "impact_portal.wsgi:application"]
