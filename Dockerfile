# One image for web, worker, beat and the one-shot commands; the command tells them apart.

FROM node:22-slim AS assets
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
# Pages and code name the icons that are bundled.
COPY . .
RUN npm run build

FROM python:3.11-slim AS packages
# One package comes as source and needs a compiler; the final image has none.
RUN apt-get update && apt-get install -y --no-install-recommends build-essential \
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv /venv
COPY requirements/base.txt /tmp/base.txt
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/base.txt

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=vtask.settings \
    STATIC_ROOT=/app/staticfiles \
    VAR_DIR=/data
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin vtask \
    && install -d -o vtask -g vtask /data
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
COPY --from=assets /build/static/dist static/dist
# Needs no server; the keys of a demo are made for the moment and thrown away.
RUN pybabel --quiet compile --directory locale --domain django \
    && VTASK_ENV=demo VAR_DIR=/tmp/build python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf /tmp/build
USER vtask
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
  CMD ["python", "-m", "vtask.probe", "http://127.0.0.1:8000/readyz"]
CMD ["gunicorn", "vtask.wsgi", "--bind=0.0.0.0:8000", "--preload", "--workers=2", "--threads=4", \
     "--no-control-socket", "--worker-tmp-dir=/dev/shm", "--max-requests=20000", "--max-requests-jitter=2000"]
