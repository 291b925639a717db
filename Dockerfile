# One image for worker, command line, deployment and gateway, so that
# `docker compose build position-manager` updates all of them together.
# The programs are those of Debian, as in the private stack of `make up`. DEBIAN_IMAGE in .env names
# another base, such as Debian 13 or one by its digest: see SECURITY.md.
ARG DEBIAN_IMAGE=debian:12-slim

FROM ${DEBIAN_IMAGE} AS python

RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
# Only the files that determine the dependencies, so that this layer stays cached while the code
# changes. The package is installed in editable mode and imports the code copied later.
COPY pyproject.toml requirements.lock ./
COPY src/position_manager/__init__.py src/position_manager/
RUN python3 -m venv /opt/venv \
    && pip="/opt/venv/bin/pip install --no-cache-dir --no-compile --disable-pip-version-check" \
    && $pip --require-hashes --requirement requirements.lock \
    && $pip --no-deps --no-build-isolation --editable .
# pytest, for `docker compose exec position-manager pytest tests/unit/`: in a folder of its own, so
# that the service's environment holds the packages of requirements.lock only.
COPY requirements-test.lock ./
RUN pip="/opt/venv/bin/pip install --no-cache-dir --no-compile --disable-pip-version-check" \
    && $pip --require-hashes --requirement requirements-test.lock --target /opt/pytest
COPY ops/npm ops/
COPY ops/packages/pages ops/packages/
RUN ops/npm /opt/venv/bin/python ops/packages/pages /opt/pages

FROM ${DEBIAN_IMAGE}

RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        curl \
        libdbd-pg-perl \
        nginx \
        postgresql-client \
        python3 \
        sqitch \
    && rm -rf /var/lib/apt/lists/* \
    && ln -s /usr/lib/postgresql/*/bin /opt/postgresql \
    && useradd --system --uid 4800 --home-dir /tmp --shell /usr/sbin/nologin position-manager \
    && install --directory --owner=position-manager --mode=0700 /backups

# psql itself comes before Debian's wrapper, which starts slowly.
ENV PATH=/opt/venv/bin:/opt/postgresql:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    HOME=/tmp \
    LANG=C.UTF-8 \
    TZ=UTC \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

WORKDIR /app
COPY --from=python /opt/venv /opt/venv
COPY pyproject.toml sqitch.conf sqitch.plan ./
COPY src src
COPY db db
COPY gateway gateway
COPY specs/001-position-management/contracts/openapi.yaml gateway/docs/
COPY web gateway/web
COPY --from=python /opt/pages gateway

# The unit tests that need no server, with what they read. Nothing of this runs in the service: only
# the command `pytest` finds its packages. Tests write to the container's /tmp.
COPY --from=python /opt/pytest /opt/pytest
COPY ops/docker/pytest /usr/local/bin/
COPY tests/conftest.py tests/vectors.json tests/
COPY tests/helpers tests/helpers
COPY tests/unit/conftest.py tests/unit/
COPY tests/unit/gateway tests/unit/gateway
COPY tests/unit/reference tests/unit/reference
COPY tests/unit/simulation tests/unit/simulation
COPY specs/001-position-management/contracts/openapi.yaml specs/001-position-management/contracts/
RUN mkdir .stack && ln -s /tmp .stack/test

USER 4800
# docker-compose.yml sets the command of each part; by default the image runs the command line.
ENTRYPOINT []
CMD ["position-manager", "--help"]
